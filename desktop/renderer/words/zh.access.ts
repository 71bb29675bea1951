import type { enAccess } from './en.access.ts'

/** The Simplified Chinese words about getting into the account, backups and moving. */
export const zhAccess: typeof enAccess = {
  access: {
    password: '密码',
    passwordHas: '没有链接时，您可以用名称和密码登录。',
    passwordNone: '还没有密码：您用链接登录。设置密码后也可以用名称登录。',
    change: '更改密码',
    set: '设置密码',
    current: '当前密码',
    next: '新密码',
    nextHelp: '至少 8 个字符。一句话既好用又好记。',
    signsOut: '此账户的其他登录都会退出。',
    changed: '密码已设置。没有其他登录。 | 密码已设置，其他 {n} 个登录已退出。 | 密码已设置，其他 {n} 个登录已退出。',
    sessions: '已登录',
    sessionsText: '可以代表您操作的浏览器和电脑。请退出您不认识的登录，然后更改密码。',
    sessionsNone: '没有单独的登录：本页通过它所在的电脑操作。',
    here: '本页',
    program: 'Pictor Worker 或其命令行',
    used: '上次使用 {age}，来自 {address}',
    end: '退出登录',
    endLabel: '让 {name} 退出登录',
    ended: '已退出：{name}。',
    endOthers: '退出其他全部登录',
    endedOthers: '没有其他登录。 | 其他 {n} 个登录已退出。 | 其他 {n} 个登录已退出。',
    away: '服务器没有应答，现在无法显示。服务器恢复后会再次查询。',
    move: '备份和迁移到另一台电脑',
    moveText: '备份包含服务器保存的一切：账户、节点、作业、图片、账本和日志。服务器运行时即可备份。',
    steps: {
      backup: '在服务器所在的电脑上，把备份写入一个新文件夹：',
      copy: '把该文件夹复制到另一台电脑，并在这里用 Ctrl-C 停止服务器。两台服务器不能用同一份数据同时运行。',
      restore: '在另一台电脑上，首次启动 Pictor Worker 之前，从该文件夹恢复：',
      start: '在那里启动。请沿用旧服务器的地址，节点和浏览器才能找到它；否则请为每个节点生成新的配置文件。',
      after: '之后无需再做什么：节点和浏览器会发现服务器已恢复，并重新发送它还没有的内容。',
    },
    folder: '/备份/路径',
  },
}
