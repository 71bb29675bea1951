import { mount } from '@vue/test-utils'
import { describe, expect, it } from 'vitest'
import { createWords } from '../../words/languages.ts'
import FrameStrip from './FrameStrip.vue'
import type { ShownFrame } from './frameStates.ts'

const frame = (number: number, state: ShownFrame['state']): ShownFrame => ({ frame: number, state, nodeId: null, error: null })
const frames = [frame(1, 'accepted'), frame(2, 'rendering'), frame(3, 'waiting'), frame(4, 'rejected'), frame(5, 'queued')]
const strip = (choosable: boolean) => mount(FrameStrip, { props: { frames, choosable }, global: { plugins: [createWords().plugin] } })

describe('FrameStrip', () => {
  it('draws a cell for each frame, with its state in words', () => {
    const cells = strip(false).findAll('.cell')
    expect(cells.map((cell) => cell.attributes('data-state'))).toEqual(['accepted', 'rendering', 'waiting', 'rejected', 'queued'])
    expect(cells[2]?.attributes('title')).toBe('Frame 3: Waiting to upload')
  })
  it('is one picture with a summary to a screen reader', () => {
    expect(strip(false).attributes()).toMatchObject({ role: 'img', 'aria-label': 'Frames: 1 accepted of 5' })
  })
  it('lets frames be chosen', async () => {
    const wrapper = strip(true)
    await wrapper.findAll('.cell')[3]?.trigger('click')
    expect(wrapper.emitted('choose')).toEqual([[4]])
  })
  it('is one control to the keyboard, which says where it is', async () => {
    const wrapper = strip(true)
    expect(wrapper.findAll('button, [tabindex]')).toHaveLength(1)
    for (const key of ['ArrowRight', 'ArrowRight', 'ArrowLeft', 'Enter', 'End', ' ', 'ArrowRight', 'Home'])
      await wrapper.trigger('keydown', { key })
    expect(wrapper.emitted('choose')).toEqual([[2], [5]])
    expect(wrapper.attributes()).toMatchObject({ role: 'slider', 'aria-valuenow': '0', 'aria-valuetext': 'Frame 1: Accepted' })
  })
})
