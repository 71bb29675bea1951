/** About how many characters the JSON text of a value has (never less than half, strings taken as they are), without making it. */
export function approximateSize(value: unknown): number {
  if (typeof value === 'string') return value.length + 2
  if (typeof value !== 'object' || value === null) return 8
  let size = 2
  if (Array.isArray(value)) for (const item of value) size += approximateSize(item) + 1
  else for (const key in value) size += key.length + 4 + approximateSize((value as Record<string, unknown>)[key])
  return size
}
