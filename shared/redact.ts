/** Takes out of a text what opens something: tokens, cookies, one-time links, passwords in addresses, keys. Rather too much than too little. */
export function redact(text: string): string {
  return (
    text
      .replace(/-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(-----END [A-Z ]*PRIVATE KEY-----|$)/g, '[key]')
      .replace(/([a-z][a-z0-9+.-]*:\/\/)[^\s/@"']+@/gi, '$1[removed]@')
      .replace(/((?:authorization|bearer|cookie|pictor_\w+)["']?\s*[:= ]\s*["']?(?:bearer\s+)?)[^\s"',;]+/gi, '$1[removed]')
      .replace(/((?:token|secret|password|privateKey|link|enrolment\w*|session)["']?\s*[:=]\s*["']?)[^\s"',&}]+/gi, '$1[removed]')
      .replace(/pictor:\/\/config\S*/gi, 'pictor://config[removed]')
      // Keys and hashes in base64, a line of a key that was cut into lines.
      .replace(/(?<![\w/+=.-])(?=[\w+/]*\d)(?=[\w+/]*[A-Z])(?=[\w+/]*[a-z])[A-Za-z0-9+][A-Za-z0-9+/]{59,}={0,2}(?![\w/+=])/g, '[removed]')
      // Anything long that looks made by chance.
      .replace(/(?<![\w/+.-])(?=[\w-]*\d)(?=[\w-]*[A-Z])(?=[\w-]*[a-z])[\w-]{32,}(?![\w-])/g, '[removed]')
  )
}
