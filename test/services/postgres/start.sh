#!/usr/bin/env bash
# A real PostgreSQL for tests, from Debian's package.
#
#   start.sh start DIR [PORT]   make a cluster once, start on 127.0.0.1:PORT (5432), wait
#   start.sh stop DIR           stop it, gracefully; its data stay in DIR/data
#   start.sh kill DIR           stop it at once, as a crash would
#
# The superuser "evgen" needs no password. CONFIG names a file of further settings (key = value a line). PostgreSQL refuses
# to run as root, so under root it runs as "nobody", who must be able to reach DIR.
set -euo pipefail

[ $# -ge 2 ] || { sed -n '2,/^set -e/{/^#/s/^# \{0,1\}//p}' "${BASH_SOURCE[0]}" >&2; exit 2; }
command=$1
mkdir -p "$2"
dir=$(cd "$2" && pwd)
port=${3:-5432}
as=()
if [ "$(id -u)" = 0 ]; then as=(setpriv --reuid=nobody --regid=nogroup --clear-groups); fi

die() { echo "start.sh: $*" >&2; exit 1; }

# The newest that is installed; Debian puts it beside the PATH.
bin=$(dirname "$(find /usr/lib/postgresql/*/bin/initdb "$(command -v initdb)" 2> /dev/null | sort -V | tail -n 1)")
[ -x "$bin/postgres" ] || die "PostgreSQL is not installed: apt-get install postgresql"

# The pid, when it is alive and ours (pids are used again).
running() { pid=$(head -n 1 "$dir/data/postmaster.pid" 2> /dev/null) && grep -qaF "$dir/" "/proc/$pid/cmdline" 2> /dev/null; }

start() {
  mkdir -p "$dir"
  if [ "$(id -u)" = 0 ]; then chown nobody:nogroup "$dir"; fi
  "${as[@]}" test -w "$dir" || die "user nobody cannot reach $dir; choose another DIR"
  cd "$dir"
  if [ ! -e data/PG_VERSION ]; then
    "${as[@]}" "$bin/initdb" -D "$dir/data" -U evgen -A trust -E UTF8 --locale=C.UTF-8 --no-sync > initdb.log 2>&1 ||
      { cat initdb.log >&2; die "a cluster could not be made"; }
  fi
  if [ -n "${CONFIG:-}" ]; then cp "$CONFIG" data/postgresql.auto.conf; fi
  "${as[@]}" "$bin/pg_ctl" start -D "$dir/data" -w -t "${WAIT:-120}" -l "$dir/data/server.log" -o \
    "-c listen_addresses=127.0.0.1 -c port=$port -c unix_socket_directories='' -c shared_buffers=64MB" > start.log 2>&1 ||
    { tail -n 30 start.log data/server.log >&2; die "PostgreSQL did not come up"; }
}

# All at once: backends that outlive the postmaster would hold its memory.
end_as_a_crash_would() {
  local backends
  kill -STOP "$pid"
  backends=$(grep -ls "^PPid:[[:space:]]*$pid\$" /proc/[0-9]*/status | cut -d / -f 3 || true)
  # shellcheck disable=SC2086
  kill -9 "$pid" $backends
  while kill -0 "$pid" 2> /dev/null; do sleep 0.05; done
}

case $command in
  start) if ! running; then start; fi ;;
  stop) if running; then "${as[@]}" "$bin/pg_ctl" stop -D "$dir/data" -m fast -w -t 60 > /dev/null; fi ;;
  kill) if running; then end_as_a_crash_would; fi ;;
  *) die "unknown command $command" ;;
esac
