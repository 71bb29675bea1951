const needsMapping = /[\ud800-\uffff]/
const mapped = /[\ud800-\uffff]/g

/**
 * Text that SQLite, which compares UTF-8 bytes, sorts as JavaScript, which compares UTF-16 code units, does. RxDB sorts and
 * compares in JavaScript, and both must agree or a page of a query would lose documents. The orders differ only from U+D800
 * up, so each code unit from there becomes one code point above the basic plane; lone surrogates stay distinct, too.
 */
export function orderedText(text: string): string {
  if (!needsMapping.test(text)) return text
  return text.replace(mapped, (unit) => String.fromCodePoint(0x10000 + unit.charCodeAt(0) - 0xd800))
}
