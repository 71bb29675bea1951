import { mount } from '@vue/test-utils'
import { expect, it } from 'vitest'
import { h, nextTick, shallowRef, type FunctionalComponent } from 'vue'
import { createWords } from '../words/languages.ts'
import TableRow from './TableRow.vue'

interface Shown {
  name: string
}

function open(row: Shown) {
  const second = shallowRef(1)
  const drawn = { name: 0, age: 0 }
  const cells: Record<string, FunctionalComponent<{ row: Shown }>> = {
    'cell-name': ({ row: shown }) => {
      drawn.name += 1
      return h('button', shown.name)
    },
    'cell-age': () => {
      drawn.age += 1
      return h('span', String(second.value))
    },
  }
  for (const cell of Object.values(cells)) cell.props = ['row']
  const columns = ['name', 'age'].map((key) => ({ key, label: key, width: '1fr' }))
  const acted: string[] = []
  const wrapper = mount(TableRow<Shown>, {
    props: {
      ...{
        row,
        rowId: row.name,
        index: 3,
        startPx: 120,
        heightPx: 40,
        columns,
        edges: ['', ''],
        narrow: false,
        ticked: false,
        name: row.name,
      },
      cellOf: (name: string) => cells[name] ?? (() => null),
      act: {
        open: (of: Shown) => acted.push(`open ${of.name}`),
        menu: (of: Shown) => acted.push(`menu ${of.name}`),
        key: (event: KeyboardEvent, index: number) => acted.push(`${event.key} at ${index}`),
        tick: (_event: MouseEvent, of: Shown) => acted.push(`tick ${of.name}`),
      },
    },
    global: { plugins: [createWords().plugin] },
    attachTo: document.body,
  })
  return { wrapper, second, drawn, acted }
}

it('draws its cells again only for another row, and each by itself when what it reads changes', async () => {
  const { wrapper, second, drawn } = open({ name: 'Berlin' })
  expect(drawn).toEqual({ name: 1, age: 1 })
  // The table scrolled, was sorted, or the row was ticked.
  await wrapper.setProps({ index: 9, startPx: 360, ticked: true })
  expect(wrapper.attributes('aria-rowindex')).toBe('11')
  expect(drawn).toEqual({ name: 1, age: 1 })
  second.value = 2
  await nextTick()
  expect(drawn).toEqual({ name: 1, age: 2 })
  await wrapper.setProps({ row: { name: 'Lisbon' }, rowId: 'Lisbon' })
  expect(wrapper.text()).toContain('Lisbon')
  expect(drawn.name).toBe(2)
})

it('leaves the focus behind when it comes to show another row, and keeps it when its own changes', async () => {
  const { wrapper } = open({ name: 'Berlin' })
  const button = wrapper.get('button').element
  button.focus()
  await wrapper.setProps({ row: { name: 'Berlin, renamed' } })
  expect(document.activeElement).toBe(button)
  await wrapper.setProps({ row: { name: 'Lisbon' }, rowId: 'Lisbon' })
  expect(document.activeElement).toBe(document.body)
})

it('tells the table what happens in it, with the row it shows', async () => {
  const { wrapper, acted } = open({ name: 'Berlin' })
  await wrapper.trigger('click')
  await wrapper.trigger('keydown', { key: 'ArrowDown' })
  await wrapper.trigger('contextmenu')
  await wrapper.get('[data-testid="select-row"]').trigger('click')
  expect(acted).toEqual(['open Berlin', 'ArrowDown at 3', 'menu Berlin', 'tick Berlin'])
})
