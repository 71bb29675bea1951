import { drawContained, type Pictures } from './pictures.ts'

/** What browsers can write, best first: Chromium and Firefox WebM, Safari MP4. */
const types = ['video/webm;codecs=vp9', 'video/webm;codecs=vp8', 'video/webm', 'video/mp4'] as const

/** The kind of file this browser can record a canvas into; null: none. */
export function videoType(): (typeof types)[number] | null {
  if (typeof MediaRecorder === 'undefined' || typeof HTMLCanvasElement.prototype.captureStream !== 'function') return null
  return types.find((type) => MediaRecorder.isTypeSupported(type)) ?? null
}
export const videoExtension = (type: string): string => (type.startsWith('video/mp4') ? 'mp4' : 'webm')

const longestSidePx = 1_920
const bitsPerPixel = 0.2

export interface RecordWish {
  addresses: readonly string[]
  fps: number
  type: string
  pictures: Pictures
  onProgress: (done: number) => void
  signal: AbortSignal
}

/**
 * Records the pictures one after the other into a video, each for exactly its time: the recorder rests while the next one is fetched. Takes
 * about as long as the film. Pictures that cannot be had are left out; `missing` says how many.
 * @returns null when it was stopped or no picture could be had
 */
export async function recordVideo(wish: RecordWish): Promise<{ video: Blob; missing: number } | null> {
  const { addresses, fps, pictures, signal } = wish
  let missing = 0
  let recorder: MediaRecorder | null = null
  let track: CanvasCaptureMediaStreamTrack | null = null
  const canvas = document.createElement('canvas')
  const chunks: Blob[] = []
  for (const [index, address] of addresses.entries()) {
    const bitmap = await pictures.load(address)
    if (signal.aborted) break
    wish.onProgress(index)
    if (bitmap === null) {
      missing += 1
      continue
    }
    if (recorder === null) {
      const scale = Math.min(1, longestSidePx / Math.max(bitmap.width, bitmap.height))
      // Encoders want even sides.
      canvas.width = Math.max(2, Math.round((bitmap.width * scale) / 2) * 2)
      canvas.height = Math.max(2, Math.round((bitmap.height * scale) / 2) * 2)
      canvas.getContext('2d')
      const stream = canvas.captureStream(0)
      // Safe: a canvas's stream has exactly this one track.
      track = stream.getVideoTracks()[0] as CanvasCaptureMediaStreamTrack
      recorder = new MediaRecorder(stream, {
        mimeType: wish.type,
        videoBitsPerSecond: Math.round(canvas.width * canvas.height * fps * bitsPerPixel),
      })
      recorder.ondataavailable = ({ data }) => chunks.push(data)
      recorder.start()
    } else recorder.resume()
    drawContained(canvas, bitmap)
    track?.requestFrame()
    void pictures.load(addresses[index + 1] ?? address)
    await new Promise((resolve) => setTimeout(resolve, 1_000 / fps))
    recorder.pause()
  }
  if (recorder === null) return null
  const ended = recorder
  const stopped = new Promise((resolve) => (ended.onstop = resolve))
  ended.stop()
  await stopped
  track?.stop()
  return signal.aborted ? null : { video: new Blob(chunks, { type: wish.type.split(';')[0] ?? wish.type }), missing }
}
