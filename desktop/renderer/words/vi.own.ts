import type { enOwn } from './en.own.ts'

/** The Vietnamese words about the person's own things: settings and account. */
export const viOwn: typeof enOwn = {
  settings: {
    title: 'Cài đặt',
    more: 'Ngôn ngữ, giao diện và cập nhật',
    line: 'Bảng điều khiển trông và đọc thế nào trong trình duyệt này.',
    languageHelp: 'Chữ, số và thời gian. Thay đổi ngay lập tức.',
    systemLanguage: 'Theo hệ thống ({language})',
    themeHelp: 'Hệ thống sẽ đổi theo ngày và đêm nếu máy làm vậy.',
    zone: 'Múi giờ',
    zoneHelp: 'Giờ là giờ của máy này. Tổng theo ngày ở trang tổng quan được tính theo UTC.',
    machine: 'Máy này',
    machineText: 'Blender, các giới hạn và thư mục dữ liệu nằm ở trang của máy này.',
  },
  owner: {
    title: 'Tài khoản',
    lineLocal: 'Máy này chỉ làm việc cho bạn. Không cần đăng nhập.',
    who: 'Chủ sở hữu',
    id: 'Mã tài khoản',
    wallet: 'Địa chỉ ví',
    walletHelp: 'Thu nhập được trả về địa chỉ này. Để trống nếu bạn chỉ dựng cho mình.',
    walletWrong: 'Địa chỉ ví bắt đầu bằng 0x, sau đó là tối đa 64 ký tự 0-9 và a-f. Hãy kiểm tra rồi thử lại.',
    save: 'Lưu',
    saved: 'Đã lưu.',
    devices: 'Đăng nhập trên thiết bị khác',
    devicesText: 'Liên kết đăng nhập dùng một lần, trong 15 phút. Hãy mở ở thiết bị kia và đừng đưa cho ai khác.',
    makeLink: 'Tạo liên kết',
    export: 'Mang theo dữ liệu của bạn',
    exportText: 'Mọi thứ của tài khoản trong một tệp JSON: worker, công việc, tác vụ, thu nhập, thông báo, cả những mục cũ hơn.',
    exportGo: 'Xuất tất cả',
    exporting: 'Đang gom, đã được {n}',
    exported: 'Đã xuất {n} tài liệu.',
    exportedPart: 'Đã xuất {n} tài liệu. Máy chủ không cung cấp tất cả: tệp ghi rõ phần nào chưa đủ.',
  },
}
