import { durations } from '#shared/durations.ts'

/** Decoded pictures by address: asked for once, the ones that were not looked at for longest are let go. */
export interface Pictures {
  /** null: it cannot be had at the moment. */
  load(address: string): Promise<ImageBitmap | null>
  /** Only if it is here already. */
  peek(address: string): ImageBitmap | null
  clear(): void
}

export function createPictures(mostHeld: number): Pictures {
  const held = new Map<string, { bitmap: ImageBitmap | null; arrival: Promise<ImageBitmap | null> }>()
  async function fetchPicture(address: string): Promise<ImageBitmap | null> {
    const image = new Image()
    image.src = address
    let timer: ReturnType<typeof setTimeout> | undefined
    const tooLong = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new Error('the picture did not come')), durations.requestTimeoutMs)
    })
    try {
      await Promise.race([image.decode(), tooLong])
      return await createImageBitmap(image)
    } catch {
      // The line is cut or the bytes are no picture: the place stays empty, and is asked for again next time.
      return null
    } finally {
      clearTimeout(timer)
    }
  }
  function makeRoom(): void {
    for (const [address, entry] of held) {
      if (held.size <= mostHeld) return
      held.delete(address)
      void entry.arrival.then((bitmap) => bitmap?.close())
    }
  }
  return {
    load(address) {
      const known = held.get(address)
      if (known) {
        held.delete(address)
        held.set(address, known)
        return known.arrival
      }
      const entry: { bitmap: ImageBitmap | null; arrival: Promise<ImageBitmap | null> } = { bitmap: null, arrival: fetchPicture(address) }
      held.set(address, entry)
      void entry.arrival.then((bitmap) => {
        entry.bitmap = bitmap
        if (bitmap === null && held.get(address) === entry) held.delete(address)
      })
      makeRoom()
      return entry.arrival
    },
    peek: (address) => held.get(address)?.bitmap ?? null,
    clear() {
      for (const entry of held.values()) void entry.arrival.then((bitmap) => bitmap?.close())
      held.clear()
    },
  }
}

/** Draws a picture as large as it fits, in the middle. */
export function drawContained(canvas: HTMLCanvasElement, bitmap: ImageBitmap): void {
  const context = canvas.getContext('2d')
  if (!context) return
  const scale = Math.min(canvas.width / bitmap.width, canvas.height / bitmap.height)
  const [width, height] = [bitmap.width * scale, bitmap.height * scale]
  context.fillStyle = '#000'
  context.fillRect(0, 0, canvas.width, canvas.height)
  context.drawImage(bitmap, (canvas.width - width) / 2, (canvas.height - height) / 2, width, height)
}
