/** The English words about the person's own things: settings and account. */
export const enOwn = {
  settings: {
    title: 'Settings',
    line: 'How the dashboard looks and reads in this browser.',
    languageHelp: 'Words, numbers and times. It changes at once.',
    systemLanguage: 'As the system ({language})',
    themeHelp: 'System follows day and night where the computer does.',
    zone: 'Time zone',
    zoneHelp: 'Times are those of this computer. The day totals of the overview are counted in UTC.',
    machine: 'This computer',
    machineText: 'Blender, limits and the data folder have their place on the page of this computer.',
  },
  owner: {
    title: 'Account',
    lineLocal: 'This computer works for you alone. No sign-in is needed.',
    who: 'Owner',
    id: 'Account id',
    wallet: 'Wallet address',
    walletHelp: 'Earnings are paid out to this address. Leave it empty while you only render for yourself.',
    walletWrong: 'A wallet address begins with 0x, then come up to 64 of the characters 0-9 and a-f. Check it and try again.',
    save: 'Save',
    saved: 'Saved.',
    devices: 'Sign in on another device',
    devicesText: 'A link that signs in once, within 15 minutes. Open it there and give it to nobody else.',
    makeLink: 'Make a link',
    export: 'Take your data with you',
    exportText:
      'Everything of your account as one JSON file: workers, jobs, tasks, earnings, notices. Older documents are read from the server.',
    exportGo: 'Export everything',
    exporting: 'Gathering, {n} so far',
    exported: '{n} document exported. | {n} documents exported.',
    exportedPart:
      '{n} document exported. The server did not give everything: the file says what is not whole. | {n} documents exported. The server did not give everything: the file says what is not whole.',
  },
}
