#!/bin/sh
# One command of the product, as its user and with the settings of its units. Run by root: deploy/manage.sh doctor
# With --etc FOLDER first, by the settings in that folder: those of a copy for training.
# It is the command of the version that this file belongs to, whichever is the current one.
# The owner's password is read here and by the drill alone: pages and jobs never have it.
set -eu
cd "$(dirname "$(readlink -f "$0")")/.."
env_newline='
'
env_return=$(printf '\r')
env_tab=$(printf '\t')

# Export what a file sets, read as systemd reads EnvironmentFile= for the units, a character after the other: no command
# in it is run and no $ replaced. Lines of # and ; are comments. Quotes count where a value begins with them; a backslash
# takes the next character as it is, in double quotes only one of " \ ` $; at the end of a line it joins the next one.
read_environment() {
    env_state=before env_name='' env_value='' env_blank=''
    while IFS= read -r env_rest || [ -n "$env_rest" ]; do
        env_rest=$env_rest$env_newline
        while [ -n "$env_rest" ]; do
            env_char=${env_rest%"${env_rest#?}"}
            env_rest=${env_rest#?}
            take_character "$1"
        done
    done <"$1"
    case $env_state in
    begin | bare | escape | single | double*) keep_variable "$1" ;;
    esac
}

take_character() {
    case $env_state in
    before)
        case $env_char in
        '#' | ';') env_state=comment ;;
        ' ' | "$env_tab" | "$env_return" | "$env_newline") ;;
        *) env_state=name env_name=$env_char env_value='' env_blank='' ;;
        esac
        ;;
    comment)
        case $env_char in
        \\) env_state=comment_escape ;;
        "$env_return" | "$env_newline") env_state=before ;;
        esac
        ;;
    comment_escape) env_state=comment ;;
    name)
        case $env_char in
        =) env_state=begin ;;
        "$env_return" | "$env_newline") env_state=before ;;
        *) env_name=$env_name$env_char ;;
        esac
        ;;
    begin)
        case $env_char in
        "$env_return" | "$env_newline") keep_variable "$1" ;;
        \') env_state=single ;;
        \") env_state=double ;;
        \\) env_state=escape ;;
        ' ' | "$env_tab") ;;
        *) env_state=bare env_value=$env_value$env_char ;;
        esac
        ;;
    bare)
        case $env_char in
        "$env_return" | "$env_newline") keep_variable "$1" ;;
        \\) env_state=escape env_value=$env_value$env_blank env_blank='' ;;
        # Blanks count only where something follows.
        ' ' | "$env_tab") env_blank=$env_blank$env_char ;;
        *) env_value=$env_value$env_blank$env_char env_blank='' ;;
        esac
        ;;
    escape)
        env_state=bare
        case $env_char in
        "$env_return" | "$env_newline") ;;
        *) env_value=$env_value$env_char ;;
        esac
        ;;
    single)
        case $env_char in
        \') env_state=begin ;;
        *) env_value=$env_value$env_char ;;
        esac
        ;;
    double)
        case $env_char in
        \") env_state=begin ;;
        \\) env_state=double_escape ;;
        *) env_value=$env_value$env_char ;;
        esac
        ;;
    double_escape)
        env_state=double
        case $env_char in
        \" | \\ | \` | \$) env_value=$env_value$env_char ;;
        "$env_newline") ;;
        *) env_value=$env_value\\$env_char ;;
        esac
        ;;
    esac
}

keep_variable() {
    env_state=before
    env_name=${env_name%"${env_name##*[! $env_tab]}"}
    case $env_name in
    '' | [0-9]* | *[!A-Za-z0-9_]*) echo "$1: '$env_name' is no name of a variable; it is left out, as in the units." >&2 ;;
    *) export "$env_name=$env_value" ;;
    esac
}

env_folder=/etc/ivig
if [ "${1:-}" = --etc ]; then
    env_folder=${2:?names the folder of other settings}
    shift 2
fi
read_environment "$env_folder/ivig.env"
if [ -f "$env_folder/owner.env" ]; then read_environment "$env_folder/owner.env"; fi
HOME=/var/lib/ivig
export HOME
umask 077
exec runuser -u ivig -- .venv/bin/python manage.py "$@"
