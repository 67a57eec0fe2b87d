#!/bin/sh
# The one process of an agent that calls the container runtime. It lives in a mount namespace of its own,
# where the machine's file system is bound once for all containers (and where, on a hybrid machine, the
# version 2 cgroup tree is covered, because crun refuses to work beside it). It reads orders from standard
# input, one a line, and answers on standard output, one a line, in any order:
#
#   launch TAG ID     →  TAG ok PID | TAG failed create CODE | TAG failed start CODE
#   exec TAG ID N     →  TAG exit CODE
#   delete TAG ID     →  TAG deleted CODE
#
# It ends when its standard input ends, that is, with the agent; containers, their supervisors and their
# loggers stay.
#
# usage: launcher.sh RUN_DIR RUNTIME HYBRID_MOUNT AGENT_PID CGROUP_PARENT MARK LOGGER
set -u
# AGENT_PID tells a later agent whose launcher this is.
run=$1 runtime=$2 hybrid=$3 parent=$5 mark=$6 logger=$7

exec 9>&1 >/dev/null

refuse() {
  printf 'unready %s\n' "$1" >&9
  exit 1
}

if [ -n "$hybrid" ]; then
  umount "$hybrid" || refuse "umount $hybrid"
  mount -t tmpfs -o size=4m,mode=755 tutti "$hybrid" || refuse "mount tmpfs on $hybrid"
fi
mkdir -p "$run/hostroot" || refuse "mkdir $run/hostroot"
mount --rbind / "$run/hostroot" || refuse "mount --rbind / $run/hostroot"
mount --make-rslave "$run/hostroot" || refuse "mount --make-rslave $run/hostroot"
printf 'ready\n' >&9

# Writes "PID STARTTIME SUPERVISOR" of the started container: with the start time a pid is never mistaken.
note_started() {
  read -r stat <"/proc/$pid/stat" || stat='0 (gone) X'
  # shellcheck disable=SC2086 # the fields after the name are meant to be split
  set -- ${stat##*) }
  if [ $# -ge 20 ]; then shift 19; else set -- 0; fi
  read -r supervisor <"$dir/supervisor.pid" || supervisor=0
  # One write: whoever reads finds all of it or an empty file, that is, a launch that was cut short.
  printf '%s %s %s\n' "$pid" "$1" "$supervisor" >"$dir/started"
}

launch() {
  tag=$1 id=$2 dir=$run/containers/$2
  cd "$dir" || { printf '%s failed create 1\n' "$tag" >&9; return; }
  {
    TUTTI_RUNTIME=$runtime _OCI_SYNCPIPE=3 perl "$logger" "$dir" start conmon --api-version 1 -c "$id" -u "$id" -n "$mark-$id" -r "${0%launcher.sh}runtime.sh" \
      --runtime-arg "--root=$run/runtime" --runtime-arg "--log=$dir/runtime.log" \
      -b "$dir" -p "$dir/pid" -P "$dir/supervisor.pid" --persist-dir "$dir" --exit-dir "$run/exits" \
      -l passthrough --socket-dir-path "$run/sockets" --log-level error --no-sync-log \
      3>&1 >/dev/null 2>>"$dir/runtime.log" </dev/null 9>&- &
  } | {
    read -r answer || answer=
    pid=${answer#*\"data\":}
    pid=${pid# }
    pid=${pid%%[!0-9-]*}
    case $pid in
      '' | -*)
        printf '%s\n' "$answer" >>"$dir/runtime.log"
        printf '%s failed create 1\n' "$tag" >&9
        exit 0
        ;;
    esac
    note_started
    printf '%s ok %s\n' "$tag" "$pid" >&9
  }
}

execute() {
  dir=$run/containers/$2
  "$runtime" "--root=$run/runtime" "--log=$dir/exec-$3.log" exec --process "$dir/exec-$3.json" \
    --pid-file "$dir/exec-$3.pid" "$2" </dev/null >/dev/null 2>"$dir/exec-$3.err" 9>&-
  printf '%s exit %s\n' "$1" "$?" >&9
}

delete() {
  "$runtime" "--root=$run/runtime" --log=/dev/null delete --force "$2" 2>/dev/null 9>&-
  code=$?
  if [ -n "$hybrid" ]; then rm -rf "${hybrid:?}$parent/$2"; fi
  printf '%s deleted %s\n' "$1" "$code" >&9
}

# Each order runs in a grandchild: the shell neither waits for it nor keeps it in its table of jobs.
while read -r order one two three; do
  case $order in
    launch) (launch "$one" "$two" &) ;;
    exec) (execute "$one" "$two" "$three" &) ;;
    delete) (delete "$one" "$two" &) ;;
  esac
done
