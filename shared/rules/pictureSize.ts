import type { RenderSettings, SceneInfo } from '../collections/job.schema.ts'
import type { ImageFormat } from '../images/frameExpectation.ts'

/** Pixels; a side that nobody said is absent. */
export interface PictureSize {
  width?: number
  height?: number
}

/** The size of the frame as far as it was said. Blender keeps the scene's shape when only one side is given. */
export function frameSize({ width, height }: RenderSettings, info: SceneInfo): PictureSize {
  const shape = info.width !== undefined && info.height !== undefined && info.width > 0 && info.height > 0 ? info.width / info.height : null
  return known({
    width: width ?? (height === undefined ? info.width : shape === null ? undefined : atLeast4(height * shape)),
    height: height ?? (width === undefined ? info.height : shape === null ? undefined : atLeast4(width / shape)),
  })
}
const atLeast4 = (pixels: number): number => Math.max(4, Math.round(pixels))

/** What of the frame is rendered: all of it, or what the scene cuts out. */
export function renderedSize(frame: PictureSize, { crop }: Pick<SceneInfo, 'crop'>): PictureSize {
  if (crop === undefined) return frame
  return known({
    width: frame.width === undefined ? undefined : cut(frame.width, crop.left, crop.right),
    height: frame.height === undefined ? undefined : cut(frame.height, crop.bottom, crop.top),
  })
}

/** As Blender counts (render_init_from_main): in single precision, towards zero at both ends. At least a pixel, whatever was claimed. */
function cut(side: number, from: number, to: number): number {
  const pixel = (fraction: number): number => Math.trunc(Math.fround(Math.fround(fraction) * side))
  return Math.max(1, pixel(to) - pixel(from))
}

/** The size of the file of a frame: of a stereo picture both eyes may stand in it side by side, or one above the other. */
export function fileSize(frame: PictureSize, info: Pick<SceneInfo, 'crop' | 'views'>, format: ImageFormat): PictureSize {
  const { width, height } = renderedSize(frame, info)
  const layout = layoutIn(format, info.views)
  return known({
    width: width === undefined ? undefined : layout === 'SIDEBYSIDE' ? 2 * width : width,
    height: height === undefined ? undefined : layout === 'TOPBOTTOM' ? 2 * height : height,
  })
}

/** The size of a job's pictures as far as it was said. */
export const pictureSize = (settings: RenderSettings, info: SceneInfo): PictureSize =>
  fileSize(frameSize(settings, info), info, settings.format ?? info.format ?? 'PNG')

/** What makes a file larger. A node puts the views of one frame into one file: inside an OpenEXR, beside each other in all others. */
function layoutIn(format: ImageFormat, views: SceneInfo['views']): string | null {
  if (views === undefined) return null
  const isExr = format === 'OPEN_EXR' || format === 'OPEN_EXR_MULTILAYER'
  if (views.format === 'STEREO_3D') return views.squeezed ? null : views.layout
  return isExr ? null : 'SIDEBYSIDE'
}

const known = ({ width, height }: { width: number | undefined; height: number | undefined }): PictureSize => ({
  ...(width === undefined ? {} : { width }),
  ...(height === undefined ? {} : { height }),
})
