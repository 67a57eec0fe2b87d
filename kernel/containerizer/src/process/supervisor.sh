#!/bin/sh
# Supervises one plain process and writes down how it ended, also when the agent is gone by then. It runs
# with the agent's rights and a clean environment; only the task gets the task's user and environment.
#
# usage: supervisor.sh RUN_DIR ID UID:GID:GROUPS|-
# `-` stands for the own user, GROUPS are separated by commas and may be empty. Standard output and standard
# error are those of the task, held open here for its next logger; descriptor 3 is a script, readable by the task's user, that becomes the task;
# on descriptor 4 (both ways) pid and start time of the task are told, and that it may begin: nothing begins of
# which the agent has not written down that it does.
set -u
run=$1 id=$2 as=$3
dir=$run/containers/$id
printf '%s\n' "$$" >"$dir/supervisor.pid"

uid=${as%%:*} rest=${as#*:}
gid=${rest%%:*} groups=${rest#*:}
case $as in
  -) set -- ;;
  *:) set -- setpriv "--reuid=$uid" "--regid=$gid" --clear-groups --no-new-privs -- ;;
  *) set -- setpriv "--reuid=$uid" "--regid=$gid" "--groups=$groups" --no-new-privs -- ;;
esac

# The task leads a session of its own, so that all of it can be found and ended.
# shellcheck disable=SC2016 # the inner shell expands them
setsid "$@" /bin/sh -c '
  read -r stat </proc/$$/stat
  set -- ${stat##*) }
  shift 19
  printf "%s %s\n" "$$" "$1" >&4
  read -r go <&4 || { echo "The agent ended before it had noted this task: it was not begun." >&2; exit 1; }
  exec 4>&-
  . /proc/self/fd/3
' </dev/null
code=$?
printf '%s' "$code" >"$run/exits/.$id"
mv "$run/exits/.$id" "$run/exits/$id" 2>/dev/null
