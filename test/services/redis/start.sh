#!/usr/bin/env bash
# A real Redis, or Valkey, for tests, from Debian's package.
#
#   start.sh start DIR [PORT]   start on 127.0.0.1:PORT (6379), wait
#   start.sh stop DIR           stop it, gracefully; its data stay in DIR/data
#   start.sh kill DIR           stop it at once, as a crash would
#
# Every write is on the disk before it is answered. CONFIG names a file of further settings (key value a line).
set -euo pipefail

[ $# -ge 2 ] || { sed -n '2,/^set -e/{/^#/s/^# \{0,1\}//p}' "${BASH_SOURCE[0]}" >&2; exit 2; }
command=$1
mkdir -p "$2/data"
dir=$(cd "$2" && pwd)
port=${3:-6379}

die() { echo "start.sh: $*" >&2; exit 1; }

server=$(command -v redis-server || command -v valkey-server) ||
  die "neither Redis nor Valkey is installed: apt-get install redis-server"
client=${server%-server}-cli

# The pid, when it is alive and ours (pids are used again).
running() { pid=$(cat "$dir/pid" 2> /dev/null) && [ "$(readlink "/proc/$pid/cwd")" = "$dir/data" ]; }

start() {
  cat > "$dir/server.conf" <<CONF
bind 127.0.0.1
port $port
dir "$dir/data"
logfile "$dir/server.log"
appendonly yes
appendfsync always
save ""
CONF
  if [ -n "${CONFIG:-}" ]; then cat "$CONFIG" >> "$dir/server.conf"; fi
  : > "$dir/server.log"
  setsid "$server" "$dir/server.conf" < /dev/null > /dev/null 2>&1 &
  echo $! > "$dir/pid"
  local deadline=$((SECONDS + ${WAIT:-60}))
  until [ "$("$client" -p "$port" ping 2> /dev/null)" = PONG ]; do
    if ! kill -0 "$(cat "$dir/pid")" 2> /dev/null || [ $SECONDS -ge $deadline ]; then
      tail -n 30 "$dir/server.log" >&2
      die "it did not come up"
    fi
    sleep 0.05
  done
}

end() {
  kill "-$1" "$pid"
  while kill -0 "$pid" 2> /dev/null; do sleep 0.05; done
  rm -f "$dir/pid"
}

case $command in
  start) if ! running; then start; fi ;;
  stop) if running; then end TERM; fi ;;
  kill) if running; then end KILL; fi ;;
  *) die "unknown command $command" ;;
esac
