/**
 * The offered media types that an `Accept` header takes, best first; equals stay in the order offered. No header takes
 * everything, an empty one nothing.
 */
export function acceptedOf<const Offer extends string>(
  accept: string | undefined,
  offers: readonly Offer[],
): Offer[] {
  if (accept === undefined) return [...offers];
  const ranges = accept
    .split(',')
    .map(parseRange)
    .filter((r) => r !== undefined);
  return offers
    .map((offer) => ({ offer, quality: qualityOf(offer, ranges) }))
    .filter((o) => o.quality > 0)
    .sort((a, b) => b.quality - a.quality)
    .map((o) => o.offer);
}

interface MediaRange {
  readonly type: string;
  readonly quality: number;
}

function parseRange(text: string): MediaRange | undefined {
  const [type = '', ...parameters] = text.split(';').map((part) => part.trim().toLowerCase());
  if (!/^[^\s/]+\/[^\s/]+$/.test(type)) return undefined;
  const q = parameters.find((p) => p.startsWith('q='));
  const quality = q === undefined ? 1 : Number(q.slice(2));
  return { type, quality: Number.isNaN(quality) ? 0 : quality };
}

/** The most specific range that covers the offer decides. */
function qualityOf(offer: string, ranges: readonly MediaRange[]): number {
  const family = `${offer.slice(0, offer.indexOf('/'))}/*`;
  for (const type of [offer, family, '*/*']) {
    const range = ranges.find((r) => r.type === type);
    if (range) return range.quality;
  }
  return 0;
}
