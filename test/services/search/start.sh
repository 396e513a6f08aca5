#!/usr/bin/env bash
# A real search server of one node for tests, from published Maven artifacts only (Java 17 to 23, Maven).
#
#   start.sh start DIR [PORT]   fetch once, start on 127.0.0.1:PORT (9200), wait
#   start.sh stop DIR           stop it, gracefully; its data stay in DIR/data
#   start.sh kill DIR           stop it at once, as a crash would
#   start.sh prepare DIR        only fetch (for a cached CI step)
#
# ENGINE is opensearch (49 MB) or elasticsearch (78 MB; core only), each in a DIR of its own. CONFIG names a file of further
# settings (key: value a line), HEAP sets the heap (512m), JAVA_HOME a first choice of Java. The servers refuse to run as
# root, so under root they run as "nobody", who must be able to reach DIR.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
[ $# -ge 2 ] || { sed -n '2,/^set -e/{/^#/s/^# \{0,1\}//p}' "${BASH_SOURCE[0]}" >&2; exit 2; }
command=$1
mkdir -p "$2"
dir=$(cd "$2" && pwd)
port=${3:-9200}
engine=${ENGINE:-opensearch}
heap=${HEAP:-512m}
as=()
if [ "$(id -u)" = 0 ]; then as=(setpriv --reuid=nobody --regid=nogroup --clear-groups); fi
# one compiler tier and the plain collector: half the CPU time to start, and less memory
jvm=("-Xms$heap" "-Xmx$heap" -XX:+UseSerialGC -XX:TieredStopAtLevel=1 "-Djava.io.tmpdir=$dir/tmp")

die() { echo "start.sh: $*" >&2; exit 1; }

# The pid, when it is alive and ours (pids are used again).
running() { pid=$(cat "$dir/pid" 2> /dev/null) && grep -qaF "$dir/" "/proc/$pid/cmdline" 2> /dev/null; }

# The first Java of a fitting version: OpenSearch 2 wants a security manager, which 24 has no more.
find_java() {
  local candidate version
  for candidate in "${JAVA_HOME:-}" "$(readlink -f "$(command -v java)" 2> /dev/null | sed 's|/bin/java$||')" /usr/lib/jvm/*; do
    if ! [ -x "$candidate/bin/java" ] || ! [ -r "$candidate/release" ]; then continue; fi
    version=$(sed -n 's/^JAVA_VERSION="\([0-9]*\).*/\1/p' "$candidate/release")
    if [ "${version:-0}" -ge 17 ] && [ "$version" -le 23 ]; then
      echo "$candidate"
      return
    fi
  done
  die "$engine needs Java 17 to 23; set JAVA_HOME"
}

prepare() {
  [ ! -e "$dir/prepared" ] || return 0
  case $engine in
    opensearch)
      fetch "$dir/home/lib"
      lay_out_opensearch
      ;;
    elasticsearch)
      rm -rf "${dir:?}/home"
      fetch "$dir/fetched"
      mv "$dir"/fetched/elasticsearch-* "$dir/home"
      rm -rf "${dir:?}/fetched"
      mkdir -p "$dir/home/plugins" "$dir/home/logs"
      ;;
    *) die "unknown ENGINE $engine" ;;
  esac
  touch "$dir/prepared"
}

fetch() {
  mvn -q -B -f "$here/pom.xml" -P "$engine" generate-resources -Dout="$1" > "$dir/maven.log" 2>&1 || {
    tail -n 20 "$dir/maven.log" >&2
    die "Maven could not fetch $engine"
  }
}

# Its one module, laid out as the server expects it; bin/ stays empty, but must be there.
lay_out_opensearch() {
  local to=$dir/home/modules/transport-netty4 version
  mkdir -p "$dir/home/bin" "$dir/home/plugins" "$to"
  version=$(basename "$dir"/home/lib/opensearch-[0-9]*.jar .jar)
  version=${version#opensearch-}
  mv "$dir"/home/lib/{transport-netty4-client-*,netty-*}.jar "$to"/
  cat > "$to/plugin-descriptor.properties" <<PROPERTIES
name=transport-netty4
description=transport-netty4
version=$version
opensearch.version=$version
java.version=17
classname=org.opensearch.transport.Netty4Plugin
PROPERTIES
  cat > "$to/plugin-security.policy" <<'POLICY'
grant {
  permission java.net.SocketPermission "*", "accept,connect";
  permission java.io.FilePermission "/proc/sys/net/core/somaxconn", "read";
  permission java.lang.RuntimePermission "getClassLoader";
  permission java.lang.RuntimePermission "setContextClassLoader";
};
POLICY
}

configure() {
  mkdir -p "$dir"/{config/jvm.options.d,data,logs,tmp}
  local settings=$dir/config/$engine.yml
  cat > "$settings" <<YAML
cluster.name: test
node.name: test
discovery.type: single-node
network.host: 127.0.0.1
http.port: $port
transport.port: 0
path.data: $dir/data
path.logs: $dir/logs
# a nearly full disk must not make indices read-only
cluster.routing.allocation.disk.threshold_enabled: false
YAML
  if [ "$engine" = elasticsearch ]; then echo 'xpack.security.enabled: false' >> "$settings"; fi
  if [ -n "${CONFIG:-}" ]; then cat "$CONFIG" >> "$settings"; fi
  cat > "$dir/config/log4j2.properties" <<PROPERTIES
status = error
appender.file.type = File
appender.file.name = file
appender.file.fileName = $dir/logs/server.log
appender.file.append = false
appender.file.layout.type = PatternLayout
appender.file.layout.pattern = [%d{ISO8601}][%-5p][%c{1.}] %m%n
rootLogger.level = info
rootLogger.appenderRef.file.ref = file
PROPERTIES
  # read by the launcher of Elasticsearch, which puts its own options before these
  printf '%s\n' "${jvm[@]}" -XX:-AlwaysPreTouch > "$dir/config/jvm.options"
  if [ "$(id -u)" = 0 ]; then chown -R nobody:nogroup "$dir"/{config,data,logs,tmp}; fi
}

run_server() {
  local java=$1
  ulimit -n 65535 2> /dev/null || true
  export HOME=$dir/tmp
  unset JAVA_TOOL_OPTIONS
  cd "$dir/home"
  case $engine in
    opensearch)
      exec setsid "${as[@]}" "$java/bin/java" "${jvm[@]}" -Xss1m -Djava.security.manager=allow \
        -Dfile.encoding=UTF-8 -Djava.awt.headless=true -Djna.nosys=true \
        -Dio.netty.noUnsafe=true -Dio.netty.noKeySetOptimization=true \
        -Dio.netty.recycler.maxCapacityPerThread=0 -Dio.netty.allocator.numDirectArenas=0 \
        -Dlog4j.shutdownHookEnabled=false -Dlog4j2.disable.jmx=true \
        "-Dopensearch.path.home=$dir/home" "-Dopensearch.path.conf=$dir/config" \
        -cp "$dir/home/lib/*" org.opensearch.bootstrap.OpenSearch
      ;;
    elasticsearch)
      export ES_JAVA_HOME=$java ES_PATH_CONF=$dir/config ES_TMPDIR=$dir/tmp
      export CLI_NAME=server CLI_LIBS=lib/tools/server-cli # what bin/elasticsearch sets
      exec setsid "${as[@]}" bash "$dir/home/bin/elasticsearch-cli"
      ;;
  esac
}

wait_until_healthy() {
  local deadline=$((SECONDS + ${WAIT:-180}))
  until curl -fs -o /dev/null "http://127.0.0.1:$port/_cluster/health?wait_for_status=yellow&timeout=1s"; do
    if ! kill -0 "$(cat "$dir/pid")" 2> /dev/null || [ $SECONDS -ge $deadline ]; then
      tail -n 40 "$dir/logs/console.log" "$dir/logs/server.log" >&2 || true
      die "$engine did not come up; its logs are in $dir/logs"
    fi
    sleep 0.3
  done
}

wait_until_gone() {
  for _ in $(seq 150); do
    if ! running; then return 0; fi
    sleep 0.2
  done
  return 1
}

# It has a session of its own, so that its process group is all of it: Elasticsearch is a launcher and a server.
end() {
  if running; then
    if [ "$1" = gracefully ]; then
      kill "$pid"
      wait_until_gone || true
    fi
    kill -9 -- "-$pid" 2> /dev/null || true
    wait_until_gone || die "pid $pid does not end"
  fi
  rm -f "$dir/pid"
}

case $command in
  prepare) prepare ;;
  start)
    if ! running; then
      java=$(find_java)
      prepare
      configure
      if [ "$(id -u)" = 0 ] && ! "${as[@]}" test -r "$dir/home/lib"; then die "user nobody cannot reach $dir; choose another DIR"; fi
      if curl -s -o /dev/null "http://127.0.0.1:$port/"; then die "port $port is taken"; fi
      (run_server "$java") < /dev/null > "$dir/logs/console.log" 2>&1 &
      echo $! > "$dir/pid"
    fi
    wait_until_healthy
    ;;
  stop) end gracefully ;;
  kill) end "at once" ;;
  *) die "unknown command $command" ;;
esac
