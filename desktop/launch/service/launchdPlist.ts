import { commandOf, type ServiceSpec } from './serviceSpec.ts'

/** The label under which launchd knows it. */
export const launchdLabel = (name: string): string => `network.pictor.${name}`

/** A property list for launchd: an agent of the user, or a daemon of the computer that runs as `user`. */
export function launchdPlist(spec: ServiceSpec): string {
  const { name, scope, user, dataFolder, home } = spec
  const string = (text: string) => `<string>${escapeXml(text)}</string>`
  return `<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
<plist version="1.0">
<dict>
  <key>Label</key>
  ${string(launchdLabel(name))}
  <key>ProgramArguments</key>
  <array>
    ${commandOf(spec).map(string).join('\n    ')}
  </array>
  <key>EnvironmentVariables</key>
  <dict>
    <key>HOME</key>
    ${string(home)}
  </dict>${scope === 'system' ? `\n  <key>UserName</key>\n  ${string(user)}` : ''}
  <key>RunAtLoad</key>
  <true/>
  <key>KeepAlive</key>
  <dict>
    <key>SuccessfulExit</key>
    <false/>
  </dict>
  <key>ThrottleInterval</key>
  <integer>10</integer>
  <key>ExitTimeOut</key>
  <integer>30</integer>
  <key>ProcessType</key>
  <string>Background</string>
  <key>Umask</key>
  <integer>63</integer>
  <key>StandardErrorPath</key>
  ${string(`${dataFolder}/logs/service.log`)}
</dict>
</plist>
`
}

const escapeXml = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;')
