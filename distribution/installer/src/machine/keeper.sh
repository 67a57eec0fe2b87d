#!/bin/sh
# Keeps one process of a machine alive: starts it, and starts it again when it ends, with growing pauses. One
# such shell for each process costs a fifth of a megabyte and needs nobody above it.
#
#   RUN_DIR/NAME.pid      the process, while it runs
#   RUN_DIR/NAME.keeper   this shell
#   RUN_DIR/NAME.exits    one line for each time the process ended: exit code and seconds it had lived
#
# SIGTERM ends the process and this shell. The containers of an agent stay. A process that ends with 78 is not
# wanted any more (an agent that was given up for ever): it is not started again.
#
# usage: keeper.sh NAME RUN_DIR LOG [--join CGROUP_PROCS_FILE]… [--bind FROM TO]… -- PROGRAM [ARGUMENT…]
set -u
name=$1 run=$2 log=$3
shift 3

exec </dev/null >>"$log" 2>&1
say() { printf 'keeper of %s: %s\n' "$name" "$*"; }

while [ "$1" != -- ]; do
  case $1 in
    --join)
      # Zero stands for whoever writes it.
      echo 0 >"$2" || say "cannot join $2"
      shift 2
      ;;
    --bind)
      mount --bind "$2" "$3" || { say "cannot bind $2 to $3"; exit 1; }
      shift 3
      ;;
    *) say "unknown argument $1"; exit 2 ;;
  esac
done
shift

printf '%s\n' "$$" >"$run/$name.keeper"
: >"$run/$name.exits"

child= stopping=
stop() {
  stopping=1
  if [ -n "$child" ]; then kill -TERM "$child" 2>/dev/null; fi
}
trap stop TERM INT HUP

# Waits for the child in the background; a signal to this shell only interrupts the waiting.
await() {
  while :; do
    wait "$child"
    code=$?
    kill -0 "$child" 2>/dev/null || return "$code"
  done
}

pauses='0.1 0.2 0.5 1 2 5'
left=$pauses
while [ -z "$stopping" ]; do
  begun=$(date +%s)
  "$@" &
  child=$!
  printf '%s\n' "$child" >"$run/$name.pid.new" && mv "$run/$name.pid.new" "$run/$name.pid"
  await
  code=$?
  lived=$(($(date +%s) - begun))
  child=
  rm -f "$run/$name.pid"
  printf '%s %s\n' "$code" "$lived" >>"$run/$name.exits"
  [ -z "$stopping" ] || break
  if [ "$code" = 78 ]; then
    say "it ended with 78 and is not wanted any more"
    break
  fi
  if [ "$lived" -ge 30 ]; then left=$pauses; fi
  pause=${left%% *}
  case $left in *' '*) left=${left#* } ;; esac
  say "it ended with $code after $lived s; again in $pause s"
  sleep "$pause" &
  child=$!
  await
  child=
done
rm -f "$run/$name.keeper"
