import type { enFind } from './en.find.ts'

/** The Vietnamese words about finding one's way: the command palette, supported software. */
export const viFind: typeof enFind = {
  palette: {
    title: 'Đi tới hoặc làm',
    open: 'Tìm kiếm',
    placeholder: 'Tìm worker, công việc, trang và thao tác',
    none: 'Không có gì tên như vậy.',
    found: 'Tìm thấy {n}',
    groups: { selection: 'Worker đã chọn', pages: 'Trang', actions: 'Thao tác', workers: 'Worker', jobs: 'Công việc' },
    theme: 'Giao diện: {theme}',
    language: 'Ngôn ngữ: {language}',
    here: 'Máy này: {action}',
    pauseAfterFrame: 'Dừng sau khung hình này',
    pauseHour: 'Dừng trong 1 giờ',
    pauseTomorrow: 'Dừng đến ngày mai',
  },
  software: {
    onlyFound: 'Đã tìm thấy, không dùng để dựng.',
    title: 'Phần mềm hỗ trợ',
    line: 'Những gì worker của bạn tìm thấy trên máy của chúng, và bao nhiêu máy của mạng có nó.',
    empty: 'Chưa tìm thấy gì',
    emptyText: 'Ngay khi một worker được thiết lập, các chương trình nó tìm thấy hiện ở đây, cùng với những gì chúng dựng được.',
    columns: {
      program: 'Chương trình',
      engines: 'Bộ dựng',
      devices: 'Thiết bị',
      denoisers: 'Bộ khử nhiễu',
      workers: 'Worker của bạn',
      network: 'Mạng',
    },
    networkHelp: 'Mạng: số máy đang kết nối của mọi chủ có chương trình này.',
    networkAway: 'Không biết mạng có gì khi chưa tới được máy chủ.',
    scenes: 'Hiểu được cảnh lưu bằng Blender 2.83 đến 5.2. Worker cần Blender ít nhất mới bằng cảnh.',
  },
  zip: {
    download: 'Tải tất cả',
    working: '{done} trên {total}',
    missing: '{n} ảnh không đọc được và không có trong tệp.',
  },
  pwa: { newVersion: 'Đã có phiên bản mới của bảng điều khiển.', reload: 'Tải lại' },
}
