const longest = 60
const most = 50

/** Each tag once, as it was written first, in alphabetical order. */
export function knownTags(lists: readonly (readonly string[])[]): string[] {
  const known = new Map<string, string>()
  for (const tag of lists.flat()) if (!known.has(tag.toLowerCase())) known.set(tag.toLowerCase(), tag)
  return [...known.values()].sort((a, b) => a.localeCompare(b))
}

/** Tags as they are typed: `rack 2, -old` adds one and takes one away. Without regard to case no tag stands twice. */
export function applyTags(tags: readonly string[], typed: string): string[] {
  const next = [...tags]
  for (const word of typed.split(',').map((part) => part.trim())) {
    const away = word.startsWith('-')
    const tag = (away ? word.slice(1).trim() : word).slice(0, longest)
    if (tag === '') continue
    const at = next.findIndex((known) => known.toLowerCase() === tag.toLowerCase())
    if (away && at >= 0) next.splice(at, 1)
    else if (!away && at < 0 && next.length < most) next.push(tag)
  }
  return next
}
