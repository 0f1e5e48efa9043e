import { readFileSync } from 'node:fs';

/** Clock ticks of /proc/PID/stat are hundredths of a second on every Linux that Node runs on. */
const TICK_MS = 10;

/** Processor time of a process so far, user and system, milliseconds. Linux only. */
export function cpuMs(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]!.split(' ');
  return (Number(fields[11]) + Number(fields[12])) * TICK_MS;
}

/** Resident memory of a process, megabytes. Linux only. */
export function residentMb(pid: number): number {
  return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024;
}
