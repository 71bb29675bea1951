import { expect, it } from 'vitest'
import { setupCommand, setupPlaces } from './setupCommand.ts'

const config = { serverUrl: 'https://farm.example:7430', enrolmentToken: 'enrol_aB3-_x' }

it('says the address and the token on one line, wherever it runs', () => {
  for (const place of setupPlaces) {
    const line = setupCommand(place, config)
    expect(line).toContain(config.serverUrl)
    expect(line).toContain(config.enrolmentToken)
    expect(line).not.toContain('\n')
  }
  expect(setupCommand('docker', config)).toBe(
    'docker run -d --init --restart unless-stopped -v pictor:/data -e PICTOR_SERVER=https://farm.example:7430 -e PICTOR_ENROLL=enrol_aB3-_x pictor-worker',
  )
})

it('what a shell would read otherwise stands in quotes', () => {
  expect(setupCommand('installed', { ...config, serverUrl: `https://x.example/$(rm -rf ~)'` })).toBe(
    `pictor worker --server 'https://x.example/$(rm -rf ~)'\\''' --enroll enrol_aB3-_x`,
  )
})
