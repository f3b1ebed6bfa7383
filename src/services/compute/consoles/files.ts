import { readFile } from 'node:fs/promises';
import { dirname, extname, join, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

/** A file of the console page as it is sent. */
export interface PageFile {
  readonly contentType: string;
  readonly content: Buffer;
}

const contentTypes: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
};

const own = join(import.meta.dirname, 'page');
/** The package's entry is `core/rfb.js`. */
const novnc = dirname(dirname(fileURLToPath(import.meta.resolve('@novnc/novnc'))));

/** The page has two names: noVNC's own, and that of the page Nova's URLs once led to. */
const pages: Readonly<Record<string, string>> = {
  '/vnc_lite.html': join(own, 'vnc.html'),
  '/vnc_auto.html': join(own, 'vnc.html'),
};

/** A file the console proxy serves: its page, what belongs to it, and noVNC. Undefined for any other path. */
export async function pageFile(path: string): Promise<PageFile | undefined> {
  const file = locate(path);
  const contentType = file && contentTypes[extname(file)];
  if (!file || !contentType) return undefined;
  try {
    return { contentType, content: await readFile(file) };
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'EISDIR' || code === 'ENOTDIR') return undefined;
    throw error;
  }
}

function locate(path: string): string | undefined {
  const page = pages[path];
  if (page) return page;
  if (path.startsWith('/console/')) return within(own, path.slice('/console/'.length));
  if (path.startsWith('/core/') || path.startsWith('/vendor/')) return within(novnc, path.slice(1));
  return undefined;
}

/** A file below a directory, never beside it. */
function within(directory: string, path: string): string | undefined {
  const file = join(directory, path);
  return file.startsWith(directory + sep) && !path.includes('\0') ? file : undefined;
}
