import { request as plainRequest } from 'node:http'
import { request as tlsRequest } from 'node:https'
import type { MakeRequest } from './resumingExecutor.ts'

/** Requests of plain Node, for the headless worker and the tests. */
export const nodeRequest: MakeRequest = (options, onResponse) =>
  (options.protocol === 'http:' ? plainRequest : tlsRequest)(options, onResponse)
