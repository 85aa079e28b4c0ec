#!/bin/sh

curl -s http://127.0.0.1:8000/api/map_publish \
  -H "X-API-Key: $API_KEY" -H 'Content-Type: application/json' \
  -d '{"channel":"tasks:today","key":"milk","data":{"text":"Buy milk"}}'
