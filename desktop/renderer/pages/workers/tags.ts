const longest = 60
const most = 50

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
