/** The English words about notices that the system shows. */
export const enSystem = {
  system: {
    title: 'Show notices on this computer too',
    off: 'New notices then appear beside those of other programs while this page is open but not in front. It is off.',
    on: 'New notices appear beside those of other programs while this page is open but not in front.',
    blocked: 'This browser was told to show none from this page. Allow notifications in its settings for this page, then load it again.',
    cannot: 'This browser shows none for this page. It needs a page that came over https, or from this computer itself.',
    turnOn: 'Turn on',
    turnOff: 'Turn off',
  },
}
