import type { Page } from '@playwright/test'

/** Pictures for people: where no font has Chinese letters, boxes would stand for the names that have some. @throws what to install */
export async function needChinese(page: Page): Promise<void> {
  const [one, other] = await page.evaluate(() =>
    ['渲', '节'].map((letter) => {
      const canvas = Object.assign(document.createElement('canvas'), { width: 40, height: 40 })
      const drawing = canvas.getContext('2d')
      if (drawing === null) return letter
      drawing.font = '28px sans-serif'
      drawing.fillText(letter, 4, 32)
      return canvas.toDataURL()
    }),
  )
  if (one === other)
    throw new Error('No font here has Chinese letters: the pictures would show boxes. Install one, such as fonts-noto-cjk.')
}
