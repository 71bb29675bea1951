import { sha256 } from '@noble/hashes/sha2.js'
import { bytesToHex } from '@noble/hashes/utils.js'

/** Hashes a file piece by piece, away from the page: crypto.subtle would need the whole of it in memory. */
export type HashMessage = { done: number } | { hash: string } | { failed: string }

const pieceBytes = 4 * 1024 * 1024

addEventListener('message', (event: MessageEvent<File>) => {
  void hash(event.data)
})

async function hash(file: File): Promise<void> {
  try {
    const running = sha256.create()
    for (let start = 0; start < file.size; start += pieceBytes) {
      running.update(new Uint8Array(await file.slice(start, start + pieceBytes).arrayBuffer()))
      postMessage({ done: Math.min(start + pieceBytes, file.size) } satisfies HashMessage)
    }
    postMessage({ hash: bytesToHex(running.digest()) } satisfies HashMessage)
  } catch (error) {
    postMessage({ failed: String(error) } satisfies HashMessage)
  }
}
