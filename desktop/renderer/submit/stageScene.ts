import { stagedSceneSchema, type StagedScene } from '#shared/api/runtimeCalls.ts'
import { appError } from '#shared/errors/appError.ts'
import { err, ok, type Result } from '#shared/result.ts'
import { errorOf } from '../request.ts'

/**
 * Hands a scene to the runtime behind this page, which copies it and asks Blender what it needs.
 * XMLHttpRequest, because fetch tells no progress of what is sent.
 */
export function stageScene(file: File, onProgress: (fraction: number) => void, signal: AbortSignal): Promise<Result<StagedScene>> {
  return new Promise((resolve) => {
    const address = new URL('api/scenes', document.baseURI)
    address.searchParams.set('name', file.name)
    const request = new XMLHttpRequest()
    request.open('PUT', address)
    request.setRequestHeader('content-type', 'application/octet-stream')
    request.upload.onprogress = (event) => onProgress(event.total > 0 ? event.loaded / event.total : 1)
    request.onload = () => {
      const answer = parse(request.responseText)
      const value = typeof answer === 'object' && answer !== null && 'ok' in answer && 'value' in answer ? answer.value : answer
      const staged = stagedSceneSchema.safeParse(value)
      resolve(request.status < 400 && staged.success ? ok(staged.data) : err(errorOf(answer, request.status)))
    }
    request.onerror = () => resolve(err(appError('SERVER_UNREACHABLE', { server: location.host })))
    request.onabort = () => resolve(err(appError('CANCELLED')))
    signal.addEventListener('abort', () => request.abort(), { once: true })
    request.send(file)
  })
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}
