/** How people compare keys: SHA-256 of the raw key in base64, written as OpenSSH writes it. Server and node both say it this way. */
export const keyFingerprint = (sha256Base64: string): string => `SHA256:${sha256Base64.replace(/=+$/, '')}`
