import { flushPromises, mount } from '@vue/test-utils'
import { beforeEach, describe, expect, it, vi } from 'vitest'
import { shallowRef } from 'vue'
import { createWords } from '../../words/languages.ts'
import LogPanel from './LogPanel.vue'
import { appendText, byteLength, emptyTail, type LogTail } from './logTail.ts'

const tail = shallowRef<LogTail>(emptyTail)
const saved: unknown[][] = []
vi.mock('./useLogTail.ts', () => ({ useLogTail: () => ({ tail, state: shallowRef('shown') }) }))
vi.mock('../../ui/saveFile.ts', () => ({ saveFile: (...given: unknown[]) => void saved.push(given) }))
vi.mock('./readWholeLog.ts', () => ({ readWholeLog: async () => ({ ok: true, value: 'all of it\n' }) }))
vi.mock('../../frame/toasts.ts', () => ({ useToasts: () => ({}) }))
vi.mock('../../data/dataLink.ts', () => ({ useData: () => ({}), useDocuments: () => ({ documents: [], loaded: true }) }))

const show = (text: string) => {
  tail.value = appendText(emptyTail, text, byteLength(text))
  return mount(LogPanel, {
    props: { taskId: 'task-1', nodeId: 'node-1' },
    global: { plugins: [createWords().plugin], stubs: { Icon: true, ShortId: true } },
  })
}
beforeEach(() => saved.splice(0))

describe('LogPanel', () => {
  it('shows what a renderer wrote as text, whatever it is', () => {
    const hostile = 'Error: <script>alert(1)</script>\n<img src=x onerror="window.struck=1">\nFra:1 {{ 7 * 7 }}\n'
    const lines = show(hostile).get('[data-testid=log-lines]')
    expect(lines.findAll('p').map((line) => line.text())).toEqual(hostile.trimEnd().split('\n'))
    expect(lines.findAll('script, img, a')).toEqual([])
    expect(window).not.toHaveProperty('struck')
  })
  it('finds lines without regard to case, says how many, and says so when there are none', async () => {
    const panel = show('Fra:1 Sample 1\nSaved: one.png\nFra:2 Sample 2\nSAVED: two.png\n')
    await panel.get('[data-testid=log-search]').setValue('saved')
    expect(panel.findAll('[data-testid=log-lines] p').map((line) => line.text())).toEqual(['Saved: one.png', 'SAVED: two.png'])
    expect(panel.get('header').text()).toContain('2 lines')
    await panel.get('[data-testid=log-search]').setValue('nothing of it')
    expect(panel.find('[data-testid=log-lines]').exists()).toBe(false)
    expect(panel.text()).toContain('No line has it.')
  })
  it('saves all of it, not only what is shown', async () => {
    await show('the end of it\n').get('[data-testid=log-download]').trigger('click')
    await flushPromises()
    expect(saved).toEqual([['task-1.log', 'all of it\n', expect.stringContaining('text/plain')]])
  })
})
