import { z } from 'zod'
import type { ServerClient } from '../../desktop/launch/serverClient.ts'

const reply = z.object({ ok: z.literal(true), value: z.looseObject({ from: z.number(), text: z.string(), size: z.number() }) })
const limitBytes = 256 * 1024

/** A whole series (a task's log) as a peer of the protocol has it. */
export async function seriesText(client: ServerClient, series: string): Promise<string> {
  let text = ''
  for (;;) {
    const from = Buffer.byteLength(text)
    const answer = await client.request('/sync/seriesRead', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ series, from, limitBytes }),
    })
    const { value } = reply.parse(await answer.json())
    text += value.text
    if (value.text === '' || from + Buffer.byteLength(value.text) >= value.size) return text
  }
}
