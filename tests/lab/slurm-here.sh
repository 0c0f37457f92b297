# SPDX-License-Identifier: GPL-2.0-only
# slurm-here.sh - sourced: Debian's Slurm on loopback, with files of its own in $work/slurm
#
# Starts munged, slurmctld and slurmd as children; slurm_end ends them. Nothing of the system's own
# configuration is read or changed. Needs root, as slurmd does.
slurm=$work/slurm
slurm_pids=

slurm_end() {
    for pid in $slurm_pids; do
        kill "$pid" 2>/dev/null
    done
    for pid in $slurm_pids; do
        wait "$pid" 2>/dev/null
    done
}

# slurm_begin CPUS
slurm_begin() {
    name=$(hostname -s)
    memory=$(awk '/^MemTotal/ { print int($2 / 1024) }' /proc/meminfo)
    mkdir -p "$slurm/state" "$slurm/spool" "$slurm/munge"
    chmod 755 "$work" "$slurm" && chmod 700 "$slurm/munge"
    dd if=/dev/urandom of="$slurm/munge/key" bs=1024 count=1 2>/dev/null
    chmod 600 "$slurm/munge/key"
    # munged wants its socket's folder to be open to all.
    mkdir -p "$slurm/socket" && chmod 755 "$slurm/socket"
    munged --foreground --force --key-file="$slurm/munge/key" --socket="$slurm/socket/munge" \
        --pid-file="$slurm/munge/pid" --log-file="$slurm/munge/log" --seed-file="$slurm/munge/seed" \
        >"$slurm/munged.log" 2>&1 &
    slurm_pids=$!
    cat >"$slurm/slurm.conf" <<END
ClusterName=here
SlurmctldHost=$name(127.0.0.1)
SlurmUser=root
AuthType=auth/munge
AuthInfo=socket=$slurm/socket/munge
CredType=cred/munge
SlurmctldPort=16817
SlurmdPort=16818
StateSaveLocation=$slurm/state
SlurmdSpoolDir=$slurm/spool
SlurmctldPidFile=$slurm/slurmctld.pid
SlurmdPidFile=$slurm/slurmd.pid
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU
SchedulerType=sched/builtin
SchedulerParameters=sched_interval=1
MpiDefault=none
ReturnToService=2
MailProg=/bin/true
NodeName=$name NodeAddr=127.0.0.1 CPUs=$1 RealMemory=$memory State=UNKNOWN
PartitionName=all Nodes=ALL Default=YES MaxTime=INFINITE State=UP
END
    export SLURM_CONF="$slurm/slurm.conf"
    slurmctld -D >"$slurm/slurmctld.log" 2>&1 &
    slurm_pids="$! $slurm_pids"
    slurmd -D >"$slurm/slurmd.log" 2>&1 &
    slurm_pids="$! $slurm_pids"
    tries=0
    until sinfo -h -o %t 2>/dev/null | grep -q idle; do
        tries=$((tries + 1))
        if [ $tries -gt 120 ]; then
            tail -n 5 "$slurm"/*.log
            return 1
        fi
        sleep 0.5
    done
}
