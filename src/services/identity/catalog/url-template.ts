/**
 * Fills the places of an endpoint's URL, `$(project_id)s` or `%(project_id)s`. Undefined when it names something that is
 * not among `values`, or is not a template Python's `%` would take, as Keystone's `format_url` decides.
 */
export function fillUrl(url: string, values: Readonly<Record<string, string>>): string | undefined {
  let fits = true;
  const filled = url.replaceAll('$(', '%(').replace(/%(?:%|\(([^)]*)\)s)?/g, (place, name?: string) => {
    if (place === '%%') return '%';
    const value = name === undefined ? undefined : values[name];
    if (value === undefined) fits = false;
    return value ?? '';
  });
  return fits ? filled : undefined;
}

/** The names an endpoint's URL may hold, as Keystone's check of new URLs knows them. */
const allowedNames = ['tenant_id', 'project_id', 'user_id', 'compute_host', 'public_endpoint'];

/** Whether Keystone would take an endpoint with this URL. */
export const isUrlTemplate = (url: string): boolean =>
  fillUrl(url, Object.fromEntries(allowedNames.map((name) => [name, '']))) !== undefined;
