import { readFile } from 'node:fs/promises'
import parseExr from 'parse-exr'
import sharp from 'sharp'

const floatType = 1015

/** All samples of a picture as numbers: PNG, JPEG, TIFF at their own depth, plain EXR as floats. */
export async function pixelsOf(path: string): Promise<{ width: number; height: number; samples: ArrayLike<number> }> {
  const bytes = await readFile(path)
  if (path.endsWith('.exr')) {
    const { width, height, data } = parseExr(new Uint8Array(bytes).buffer, floatType)
    return { width, height, samples: data }
  }
  const { depth } = await sharp(bytes).metadata()
  const { data, info } = await sharp(bytes).raw({ depth }).toBuffer({ resolveWithObject: true })
  return { width: info.width, height: info.height, samples: data }
}
