# What a job does with its command, Slurm's signals and exit codes. Expects: command (an array), base (a path: what is known of
# this task from start to start), lead (seconds between Slurm's warning and the end of the time), failed_nodes (a file).
set -u
job=${SLURM_ARRAY_JOB_ID}_$SLURM_ARRAY_TASK_ID
export DFDT_RECORD=$base.json DFDT_WORKERS=${DFDT_WORKERS:-${SLURM_CPUS_PER_TASK:-1}}
unset DFDT_PARENT
note() { printf '%s\n' "$*" >>"$base.tries"; }
kept() { sed -n 's/^ "kept": "\(.*\)",$/\1/p' "$DFDT_RECORD" 2>/dev/null; }

# A start that noted no end was lost with its node: what is submitted from now on keeps away from that one.
last=$(tail -n 1 "$base.tries" 2>/dev/null)
case $last in
"start "*) printf '%s\n' "${last#start }" >>"$failed_nodes" ;;
esac
note "start $SLURMD_NODENAME"

requeue() { # into the queue again, at once where it may; the controller may be away
  until scontrol requeue "$job"; do sleep 5; done
  sleep 3600 # Slurm ends this script
}
# Three time-outs in a row that began from the same point would go on for ever.
is_stuck() { [ "$(grep '^timeout' "$base.tries" | tail -n 3 | sort | uniq -c | sed -n 's/^ *3 .*/stuck/p')" = stuck ]; }

warned= child=
warn() { # WHY: finish the step, keep a snapshot
  warned=${warned:-$1}
  note "warned $1"
  [ -z "$child" ] || kill -TERM "$child" 2>/dev/null
  # what does not stop in good time is ended before Slurm ends all
  [ "$1" != time ] || { sleep $((lead * 2 / 3)); kill -KILL "$child"; } 2>/dev/null &
}
trap 'warn time' USR2
trap 'warn signal' TERM

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
