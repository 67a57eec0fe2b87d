#!/bin/sh
# What conmon takes for the container runtime: creates and starts a container in one call of the real one.
# Loading a runtime costs more than anything else it does. $TUTTI_RUNTIME is its path.
for word; do
  shift
  case $word in
    create) set -- "$@" run --detach ;;
    *) set -- "$@" "$word" ;;
  esac
done
exec "$TUTTI_RUNTIME" "$@"
