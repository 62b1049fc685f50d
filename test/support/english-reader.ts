import type { Reader } from '../../extension/src/model/reader.ts';

/** A reader of English in Greenwich. */
export const ENGLISH: Reader = {
  say: (text, ...values) => text.replaceAll(/\{(\d)\}/g, (_, at) => String(values[Number(at)])),
  locale: 'en-GB',
  timeZone: 'UTC',
};
