"""Volunteering: hours outside activities (补录时长), and the certificate of all hours (志愿服务记录证明).

Somebody *reports* minutes of a day with what they did and how it can be seen; somebody of another household *decides*,
two of them when it was long ago. A report about a session that missed them (补签) is paid as a presence there. The
minutes then stand beside those of activities on a *certificate*, which is kept as it was issued and can be checked by
anybody who has its number and the surname. By 志愿服务记录与证明出具办法（试行） (民政部令第67号).

reporting      report, take back
deciding       approve, decline; two persons for old ones
logs_queries   what waits for whom
records        every service of somebody, of activities and of reports, with its fields
certifying     issue a certificate, check one
certificate_sheet  as it is printed
exporting      service records for the national system (全国志愿服务信息系统)
"""
