import { EventEmitter } from 'node:events'
import { expect, it } from 'vitest'
import { askPassword, type Keyboard } from './askPassword.ts'

function keyboard(isTTY = true) {
  const shown: string[] = []
  const raw: boolean[] = []
  const input = Object.assign(new EventEmitter(), {
    isTTY,
    setRawMode: (on: boolean) => void raw.push(on),
    resume: () => undefined,
    pause: () => undefined,
  })
  return { shown, raw, input, device: { input: input as unknown as Keyboard['input'], say: (text: string) => void shown.push(text) } }
}

it('takes what is typed, in pieces and mended, and shows nothing of it', async () => {
  const { input, device, shown, raw } = keyboard()
  const asked = askPassword('Password: ', device)
  for (const piece of ['s3c', 'x\u007f', 'rét', '\r']) input.emit('data', Buffer.from(piece))
  expect(await asked).toBe('s3crét')
  expect(shown.join('')).toBe('Password: \n')
  expect(raw).toEqual([true, false])
})

it.each(['\u0003', '\u0004'])('ends with CANCELLED on %j, and leaves the terminal as it was', async (key) => {
  const { input, device, raw } = keyboard()
  const asked = askPassword('Password: ', device)
  input.emit('data', Buffer.from(`abc${key}`))
  await expect(asked).rejects.toMatchObject({ error: { code: 'CANCELLED' } })
  expect(raw).toEqual([true, false])
  expect(input.listenerCount('data')).toBe(0)
})

it('asks nobody where nobody sits', async () => {
  const { device, shown } = keyboard(false)
  expect(await askPassword('Password: ', device)).toBeNull()
  expect(shown).toEqual([])
})
