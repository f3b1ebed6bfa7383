/**
 * The operators of extra specs, nova/scheduler/filters/extra_specs_ops.py: `<in> x`, `<or> a <or> b`, `<all-in> a b`,
 * numbers with `= == != >= <=`, texts with `s== s!= s>= s> s<= s<`; without an operator texts must be equal.
 */
export function matchesExtraSpec(value: unknown, wanted: string): boolean {
  const words = wanted.trim().split(/\s+/);
  const [operator = '', ...operands] = words;
  const text = String(value);
  const first = operands[0] ?? '';
  switch (operator) {
    case '=':
      return Number(value) >= Number(first);
    case '==':
      return Number(value) === Number(first);
    case '!=':
      return Number(value) !== Number(first);
    case '>=':
      return Number(value) >= Number(first);
    case '<=':
      return Number(value) <= Number(first);
    case 's==':
      return text === first;
    case 's!=':
      return text !== first;
    case 's>=':
      return text >= first;
    case 's>':
      return text > first;
    case 's<=':
      return text <= first;
    case 's<':
      return text < first;
    case '<in>':
      return Array.isArray(value) ? value.includes(first) : text.includes(first);
    case '<all-in>':
      return operands.every((operand) =>
        Array.isArray(value) ? value.includes(operand) : text.includes(operand),
      );
    case '<or>':
      return operands.filter((_, i) => i % 2 === 0).includes(text);
    default:
      return text === wanted;
  }
}

const scope = /^([^:]+):(.*)$/;

/** The extra specs under `prefix:`, and those under none. Others mean something to somebody else. */
export function scopedSpecs(
  extraSpecs: Readonly<Record<string, string>>,
  prefix: string,
): [key: string, wanted: string][] {
  return Object.entries(extraSpecs).flatMap(([key, wanted]) => {
    const parts = scope.exec(key);
    if (!parts) return [[key, wanted]];
    return parts[1] === prefix ? [[parts[2]!, wanted]] : [];
  });
}
