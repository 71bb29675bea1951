import { describe, expect, test, vi } from 'vitest'
import { manualClock } from '../testing/manualClock.ts'
import { quietLog } from '../testing/quietLog.ts'
import { createAppleMeter, parseIoreg } from './appleMeter.ts'

/** Put together from public listings of the tool on an M1 and an M4 Max (the names and order of the keys), with numbers of our own. */
const m1 = `+-o AGXAcceleratorG13G_B0  <class AGXAcceleratorG13G_B0, id 0x1000003f2, registered, matched, active, busy 0 (0 ms), retain 58>
    {
      "IOClass" = "AGXAcceleratorG13G_B0"
      "gpu-core-count" = 8
      "IOReportLegend" = ({"IOReportChannels"=((1,2,"Alloc system memory"),(3,4,"In use system memory"))})
      "PerformanceStatistics" = {"In use system memory (driver)"=0,"Alloc system memory"=52967440384,"Tiler Utilization %"=10,"recoveryCount"=0,"lastRecoveryTime"=0,"Renderer Utilization %"=15,"TiledSceneBytes"=0,"Device Utilization %"=16,"SplitSceneCount"=0,"In use system memory"=2363801600}
      "model" = "Apple M1"
    }
`
/** As an AMD card of an older Mac lists itself; constructed from the names of its keys. */
const amd = `+-o AMDRadeonX6000_AmdNavi21GraphicsAccelerator  <class AMDRadeonX6000, id 0x1000004aa, registered>
    {
      "PerformanceStatistics" = {"Temperature(C)"=61,"Total Power(W)"=187,"Fan Speed(%)"=40,"Core Clock(MHz)"=2100,"Device Utilization %"=92,"vramUsedBytes"=4294967296}
      "model" = <"AMD Radeon Pro W6800X">
    }
`

describe('ioreg', () => {
  test('says load and memory of an Apple chip', () => {
    expect(parseIoreg(m1)).toEqual([
      {
        ...{ name: 'Apple M1', utilisationPercent: 16, memoryUsedMiB: 2254 },
        ...{ temperatureC: null, powerW: null, fanPercent: null, clockMHz: null },
      },
    ])
  })
  test('reads what a MacBook Pro with an M1 Pro (macOS 12.6) printed', () => {
    // Recorded by Mesmer88, the first lines of it: https://github.com/exelban/stats/issues/1094
    const recorded = `+-o AGXAcceleratorG13X  <class AGXAcceleratorG13X, id 0x10000087c, registered, matched, active, busy 0 (17 ms), retain 24>
    {
      "AGXParameterBufferMaxSizeEverMemless" = 574881792
      "IOMatchedAtBoot" = Yes
      "vendor-id" = <6b100000>
      "GPURawCounterBundleName" = "AGXGPURawCounterBundle"
      "MetalStatisticsName" = "AGXMetalStatisticsExternalA14X"
      "GPURawCounterPluginClassName" = "AGXGPURawCounterSourceGroup"
      "MetalPluginClassName" = "AGXG13XDevice"
      "SCMVersionNumber" = ""
      "AGCInfo" = {"fLastSubmissionPID"=390,"fSubmissionsSinceLastCheck"=0,"fBusyCount"=0}
      "MetalPluginName" = "AGXMetalG13X"
      "IONameMatched" = "gpu,t6000"
      "PerformanceStatistics" = {"TiledSceneBytes"=1572864,"Alloc system memory"=1214005248,"Tiler Utilization %"=2,"recoveryCount"=0,"Renderer Utilization %"=2,"SplitSceneCount"=0,"Allocated PB Size"=17956864,"Device Utilization %"=2,"In use system memory"=340983808}
      "IOGLBundleName" = "AppleMetalOpenGLRenderer"
      "AGXParameterBufferMaxSizeNeverMemless" = 287440896
      "IOGLESBundleName" = "AppleMetalGLRenderer"
      "IOSourceVersion" = "190.22"
`
    expect(parseIoreg(recorded)).toEqual([
      {
        ...{ name: null, utilisationPercent: 2, memoryUsedMiB: 325 },
        ...{ temperatureC: null, powerW: null, fanPercent: null, clockMHz: null },
      },
    ])
  })
  test('says heat, power, fan and clock of a card, and lists several', () => {
    const [first, second] = parseIoreg(m1 + amd)
    expect(first?.name).toBe('Apple M1')
    expect(second).toEqual({
      ...{ name: 'AMD Radeon Pro W6800X', utilisationPercent: 92, memoryUsedMiB: 4096 },
      ...{ temperatureC: 61, powerW: 187, fanPercent: 40, clockMHz: 2100 },
    })
  })
  test('what is impossible, cut off or something else is not known rather than wrong', () => {
    expect(parseIoreg('')).toEqual([])
    expect(parseIoreg('+-o X\n  { "IOClass" = "X" }')).toEqual([])
    const odd = '+-o X\n "PerformanceStatistics" = {"Device Utilization %"=101,"Temperature(C)"=0,"In use system memory (driver)"=5}'
    expect(parseIoreg(odd)).toMatchObject([{ utilisationPercent: null, temperatureC: null, memoryUsedMiB: null }])
    const byRenderer = '+-o X\n "PerformanceStatistics" = {"Renderer Utilization %"=40}'
    expect(parseIoreg(byRenderer)).toMatchObject([{ utilisationPercent: 40 }])
  })
})

test('the meter names cards as the inventory does, looks no more often than every 2 s, and notices one that goes', async () => {
  const clock = manualClock()
  let text = m1 + amd
  const read = vi.fn(() => Promise.resolve(text))
  const cards = [
    { uuid: 'card-0', name: 'Apple M1', vramMiB: null },
    { uuid: '0000:07:00.0', name: 'AMD Radeon Pro W6800X', vramMiB: 32_768 },
  ]
  const meter = createAppleMeter({ cards, clock, log: quietLog, read })
  const pass = async (ms: number) => {
    clock.advance(ms)
    await new Promise((resolve) => setImmediate(resolve))
  }
  meter.every(1_000)
  await pass(0)
  expect(meter.newest()).toMatchObject([
    { uuid: 'card-0', utilisationPercent: 16, memoryTotalMiB: null },
    { uuid: '0000:07:00.0', temperatureC: 61, memoryTotalMiB: 32_768 },
  ])
  await pass(1_999)
  expect(read).toHaveBeenCalledTimes(1)
  text = m1
  await pass(1)
  expect([meter.newest().length, meter.silent()]).toEqual([1, ['0000:07:00.0']])
  // A tool that answers no more says nothing of the card.
  read.mockImplementation(() => Promise.reject(new Error('gone')))
  await pass(60_000)
  expect([meter.newest(), meter.silent()]).toEqual([[], []])
  meter.stop()
  const before = read.mock.calls.length
  await pass(600_000)
  expect(read).toHaveBeenCalledTimes(before)
})
