import type { enSystem } from './en.system.ts'

/** The Vietnamese words about notices that the system shows. */
export const viSystem: typeof enSystem = {
  system: {
    title: 'Hiện thông báo cả trên máy này',
    off: 'Khi bật, thông báo mới hiện cạnh thông báo của chương trình khác lúc trang này mở nhưng không ở phía trước. Hiện đang tắt.',
    on: 'Thông báo mới hiện cạnh thông báo của chương trình khác lúc trang này mở nhưng không ở phía trước.',
    blocked:
      'Trình duyệt này không được hiện thông báo của trang này. Hãy cho phép thông báo trong cài đặt của nó cho trang này rồi tải lại.',
    cannot: 'Trình duyệt này không hiện thông báo của trang này. Cần trang đến qua https hoặc từ chính máy này.',
    turnOn: 'Bật',
    turnOff: 'Tắt',
  },
}
