import type { enHeadless } from './en.headless.ts'

/** The Vietnamese words about workers without a screen: how they are set up and kept up to date. */
export const viHeadless: typeof enHeadless = {
  headless: {
    update: 'Cập nhật',
    updateHint: 'Tìm phiên bản mới và cài khi khung hình đang dựng xong.',
    updating: '{n} worker đang tìm phiên bản mới. | {n} worker đang tìm phiên bản mới.',
    title: 'Chương trình',
    auto: 'Tự cập nhật',
    channel: 'Phiên bản',
    image: 'Nó chạy trong container: được thay cùng với image.',
    notWritable: 'Thư mục của nó thuộc người dùng khác nên không thể tự thay. Hãy cài lại bằng pictor worker install.',
    notPackaged: 'Nó không được chạy từ gói không màn hình nên không tự cập nhật.',
    where: 'Sẽ chạy ở đâu',
    installed: 'Đã cài',
    package: 'Linux, không cần cài',
    docker: 'Docker',
    service: 'Như dịch vụ',
    packageHelp: 'Trước hết hãy chép gói không màn hình đến đó; gói có sẵn mọi thứ trừ Blender.',
    dockerHelp: 'Image được dựng một lần từ kho mã, xem hướng dẫn Docker. Với card NVIDIA hãy dựng nvidia và thêm --gpus all.',
    serviceHelp: 'Khởi động cùng máy, dưới một người dùng riêng không có quyền.',
  },
}
