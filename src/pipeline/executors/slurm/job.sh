# What a job does with its command, Slurm's signals and exit codes. Expects: command (an array), base (a path: what is known of
# this task from start to start), lead (seconds between Slurm's warning and the end of the time), failed_nodes (a file),
# excluded (nodes that are left out anyway, with commas).
set -u
job=${SLURM_ARRAY_JOB_ID}_$SLURM_ARRAY_TASK_ID
export DFDT_RECORD=$base.json DFDT_WORKERS=${DFDT_WORKERS:-${SLURM_CPUS_PER_TASK:-1}}
unset DFDT_PARENT
note() { printf '%s\n' "$*" >>"$base.tries"; }
kept() { # from where the next start goes on, as far as the record tells: it may have been cut off
  local point
  point=$(sed -n 's/^ "message": ".*kept up to \(step [0-9]*\).*/\1/p' "$DFDT_RECORD" 2>/dev/null)
  [ -n "$point" ] || point=$(sed -n 's/^ "kept": "\(goes on from \)\{0,1\}\([^"]*\)",\{0,1\}$/\2/p' "$DFDT_RECORD" 2>/dev/null)
  printf %s "$point"
}

warned= child= watcher=
warn() { # WHY: finish the step, keep a snapshot
  warned=${warned:-$1}
  note "warned $1"
  [ -n "$child" ] || return
  kill -TERM "$child" 2>/dev/null
  [ "$1" = time ] && [ -z "$watcher" ] || return
  # what does not stop in good time is ended before Slurm ends all; a pipe that nobody writes to waits without a process
  { read -rt $((lead * 2 / 3)) <> <(:); kill -KILL "$child"; } 2>/dev/null &
  watcher=$!
}
trap 'warn time' USR2
trap 'warn signal' TERM
trap '[ -z "$watcher" ] || kill "$watcher" 2>/dev/null' EXIT

# A start that noted no end was lost with its node.
last=$(tail -n 1 "$base.tries" 2>/dev/null)
case $last in
"start "*) printf '%s\n' "${last#start }" >>"$failed_nodes" ;;
esac

# A node that failed under any job is left again where there is another one. What a job in the queue is to keep away from can be
# said once it is back there; it is not asked of it twice.
leave_failed_node() {
  grep -qxF -- "$SLURMD_NODENAME" "$failed_nodes" 2>/dev/null || return
  [ "$last" != "left $SLURMD_NODENAME" ] || return
  local others
  others=$(sinfo -h -N -p "${SLURM_JOB_PARTITION:-}" -t idle,mixed,allocated,completing -o %N | grep -vxF -f "$failed_nodes")
  [ -n "$others" ] || return
  note "left $SLURMD_NODENAME"
  trap '' TERM
  scontrol requeue "$job" || return
  until scontrol update JobId="$job" ExcNodeList="$(sort -u "$failed_nodes" | paste -sd ,)${excluded:+,$excluded}"; do
    sleep 0.5
  done
  exit 130
}
leave_failed_node
note "start $SLURMD_NODENAME"

requeue() { # into the queue again, at once where it may; the controller may be away
  until scontrol requeue "$job"; do sleep 5; done
  sleep 3600 # until Slurm says that it may end
  exit 130
}
# Three time-outs in a row with no new snapshot between them would go on for ever.
is_stuck() { [ "$(grep '^timeout' "$base.tries" | tail -n 3 | sort | uniq -c | sed -n 's/^ *3 .*/stuck/p')" = stuck ]; }

run() {
  "${command[@]}" &
  child=$!
  while wait "$child"; code=$?; kill -0 "$child" 2>/dev/null; do :; done
  wait "$child" # a signal may have come at its end
  code=$?
}
while :; do
  run
  case $code in
  0 | 2 | 3) note "end $code"; exit $code ;; # done, or nothing that another try would change
  esac
  if [ "$warned" = time ]; then
    note "timeout $(kept)"
    if is_stuck; then
      echo "Three time-outs without a new snapshot: a longer --slurm-time is needed" >&2
      note "end 1"
      exit 1
    fi
    requeue
  elif [ -n "$warned" ]; then
    # whoever cancels or requeues a job has done so already
    [ "$(squeue -h -j "$job" -o %T 2>/dev/null)" != RUNNING ] || requeue
    exit 130
  elif [ $code != 130 ]; then
    note "failed $code"
    if [ "$(grep -c '^failed' "$base.tries")" -ge 2 ]; then note "end 1"; exit 1; fi
  fi
done
