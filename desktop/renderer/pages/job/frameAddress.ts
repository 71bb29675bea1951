/** Where the picture of a frame is (or what an upscaled one was made from), on the server or the runtime this page came from. */
export function frameAddress(jobId: string, frame: number, size: 'thumb' | 'full' | 'source'): string {
  const path = `api/jobs/${encodeURIComponent(jobId)}/frames/${frame}${size === 'full' ? '' : `/${size}`}`
  return new URL(path, document.baseURI).href
}

/** Formats a browser can show whole; of the others the preview is shown. */
export const isShowable = (format: string | undefined): boolean => format === undefined || format === 'PNG' || format === 'JPEG'
