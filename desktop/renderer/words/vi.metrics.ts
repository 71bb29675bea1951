import type { enMetrics } from './en.metrics.ts'

/** The Vietnamese words about what a worker measured, and where it stands. */
export const viMetrics: typeof enMetrics = {
  metrics: {
    title: 'Lịch sử',
    what: 'Nội dung hiển thị',
    load: 'Tải',
    memory: 'Bộ nhớ',
    temperature: 'Nhiệt độ',
    power: 'Công suất',
    range: { hour: '1 giờ', day: '24 giờ', week: '7 ngày' },
    empty: 'Không có gì được đo trong thời gian này.',
    away: 'Dữ liệu này được giữ ở worker và hiện không truy cập được.',
    zoomHelp: 'Ctrl và con lăn, hoặc + và −, để phóng to.',
    fan: 'Quạt {percent}',
    address: 'Địa chỉ trong mạng',
    location: 'Vị trí',
    locationNone: 'chưa đặt',
    locationField: 'Nơi đặt máy, theo cách gọi của bạn',
    locationChange: 'Đổi',
    total: 'Ước tính tổng cộng',
    walletNone: 'chưa đặt',
  },
}
