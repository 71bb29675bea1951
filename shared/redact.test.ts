import { expect, it } from 'vitest'
import { redact } from './redact.ts'

const secret = 'Zx8Qw3Er5Ty7Ui9Op1As3Df5Gh7Jk9Lz_-A'
it.each([
  `{"token":"${secret}"}`,
  `{"enrolmentToken": "${secret}", "x": 1}`,
  `authorization: Bearer ${secret}`,
  `"authorization":"Bearer ${secret}"`,
  `cookie: pictor_page=${secret}`,
  `http://127.0.0.1:7420/#link=${secret}`,
  `pictor://config#${secret}`,
  `https://admin:${secret}@couch.example/`,
  `{"password":"${secret}"}`,
  `PICTOR_SECRET=${secret}`,
  `-----BEGIN PRIVATE KEY-----\n${secret}\n-----END PRIVATE KEY-----`,
  `loose ${secret} in a line`,
])('removes the secret of %s', (text) => expect(redact(text)).not.toContain(secret))

it('keeps what helps: sentences, paths, versions, ids, numbers', () => {
  const line =
    '{"level":"warn","time":"2026-01-02T03:04:05Z","process":"runtime","reason":"exit code 1","path":"/home/ada/pictor/frames/0001.png"}'
  expect(redact(line)).toBe(line)
})
