/**
 * Splits frames into chunks of at most `chunkSize`, in the order given. Every frame is in exactly one chunk.
 * Throws a RangeError for a size that is not a whole number of at least 1.
 */
export function splitIntoChunks(frames: readonly number[], chunkSize: number): number[][] {
  if (!Number.isInteger(chunkSize) || chunkSize < 1) throw new RangeError(`chunkSize ${chunkSize} is not a whole number of at least 1`)
  const chunks: number[][] = []
  for (let start = 0; start < frames.length; start += chunkSize) chunks.push(frames.slice(start, start + chunkSize))
  return chunks
}
