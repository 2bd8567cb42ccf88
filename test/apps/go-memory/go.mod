module go-memory

go 1.24
