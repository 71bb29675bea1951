import { request as requestPlain, type IncomingMessage } from 'node:http'
import { request as requestSecure } from 'node:https'

export interface HttpRequest {
  method?: 'GET' | 'POST'
  headers?: Record<string, string>
  body?: string
  /** Ends the request and the reading of its answer. */
  signal: AbortSignal
}

/**
 * Sends one request and resolves with its answer as soon as the head is there, whatever its status; the caller reads or destroys it. Redirects
 * are not followed: what we send is meant for the server of the config and nobody else. Rejects when no answer came.
 *
 * Instead of `fetch`, which costs an idle process 14 MiB (Node loads undici and a WebAssembly parser with the first call).
 */
export function httpRequest(url: URL, { method = 'GET', headers = {}, body, signal }: HttpRequest): Promise<IncomingMessage> {
  const request = url.protocol === 'https:' ? requestSecure : requestPlain
  return new Promise((resolve, reject) => {
    request(url, { method, headers, signal }, resolve).on('error', reject).end(body)
  })
}

/** Why it failed. Whoever ended it said why; and where every address of a name failed, Node gives only a code. */
export function whyItFailed(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  if (error.name === 'AbortError' && error.cause instanceof Error) return error.cause.message
  if (error.message !== '') return error.message
  return 'code' in error ? String(error.code) : error.name
}
