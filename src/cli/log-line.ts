import { dim, paint } from './output.ts';

const colours: Readonly<Record<string, string>> = { warn: '33', error: '31', fatal: '31', debug: '2' };
/** Shown elsewhere in the line, or on every line alike. */
const known = new Set(['level', 'time', 'name', 'pid', 'msg', 'err']);

/** A JSON log line as a person reads it: time, level, message, the rest as `key=value`. Other lines stay as they are. */
export function readableLine(line: string): string {
  let entry: Record<string, unknown>;
  try {
    entry = JSON.parse(line) as Record<string, unknown>;
  } catch {
    return line;
  }
  if (typeof entry !== 'object' || entry === null || typeof entry.msg !== 'string') return line;
  const level = String(entry.level);
  const rest = Object.entries(entry)
    .filter(([key]) => !known.has(key))
    .map(([key, value]) => `${key}=${typeof value === 'string' ? value : JSON.stringify(value)}`);
  const stack = (entry.err as { stack?: string } | undefined)?.stack;
  return [
    dim(String(entry.time).slice(0, 23).replace('T', ' ')),
    paint(colours[level] ?? '0', level.padEnd(5)),
    entry.msg,
    ...(rest.length > 0 ? [dim(rest.join(' '))] : []),
    ...(stack ? [`\n${stack}`] : []),
  ].join(' ');
}
