/** What is looked at in the page while the system chooses its colours (`forced-colors`). All of it runs in the page. */

/** How everything looks that has nothing in it but a colour: dots, cells of strips, bars. */
export function drawingsOf(): { look: string; nth: number }[] {
  return [...document.querySelectorAll('span:empty, div:empty, i:empty, .drawn')].flatMap((element, nth) => {
    const { backgroundColor, backgroundImage } = getComputedStyle(element)
    const { width, height } = element.getBoundingClientRect()
    const isPainted = backgroundImage !== 'none' || !/^(transparent|rgba\(.*, 0\))$/.test(backgroundColor)
    return isPainted && width > 0 && height > 0 ? [{ look: `${backgroundColor} ${backgroundImage}`, nth }] : []
  })
}

/** Those of them that look otherwise now: what says something by its shade of grey and green must keep it. */
export function fromDrawings(looks: readonly { look: string; nth: number }[]): string[] {
  const elements = [...document.querySelectorAll('span:empty, div:empty, i:empty, .drawn')]
  const lost = looks.flatMap(({ look, nth }) => {
    const element = elements[nth]
    if (element === undefined) return []
    const { backgroundColor, backgroundImage, forcedColorAdjust } = getComputedStyle(element) as CSSStyleDeclaration & {
      forcedColorAdjust: string
    }
    // What has the colour of the text beside it has that of the system's text now.
    const isKept = forcedColorAdjust === 'none' && (backgroundImage !== 'none' || !/^rgba\(.*, 0\)$/.test(backgroundColor))
    return isKept ? [] : [`${element.className} was ${look}, is ${backgroundColor} ${backgroundImage}`]
  })
  return [...new Set(lost)]
}

/** Whether what is chosen can be told from what is not. */
export function indistinctChoices(): { choices: number; alike: string[] } {
  const chosen = document.querySelectorAll(
    '[role=tab][aria-selected=true], [role=radio][aria-checked=true], nav .here, button[aria-pressed=true], label:has(> .sr-only:checked)',
  )
  const colourOf = (element: Element): string => getComputedStyle(element).backgroundColor
  const seen = [...chosen].filter((element) => element.getBoundingClientRect().width > 0)
  const alike = seen.filter((element) => colourOf(element) === colourOf(document.body) || /, 0\)$/.test(colourOf(element)))
  return { choices: seen.length, alike: alike.map((element) => `${element.textContent ?? ''} does not look chosen`) }
}
