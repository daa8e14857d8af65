/** Fish 3 and newer. */
export const FISH = `# Completion of orch in fish. Once: orch completion fish > ~/.config/fish/completions/orch.fish
function __orch_complete
    set -l token (commandline -ct)
    set -l words (commandline -opc)
    set -l lines (command orch complete fish -- $words[2..-1] "$token" 2>/dev/null </dev/null)
    # What a path stands behind: --store=
    set -l before (string match -r -- '^--[^=]*=' "$token")
    switch "$lines[1]"
        case files
            for path in (__fish_complete_path (string replace -r -- '^--[^=]*=' '' "$token"))
                printf '%s%s\\n' "$before" $path
            end
        case folders
            for path in (__fish_complete_directories (string replace -r -- '^--[^=]*=' '' "$token"))
                printf '%s%s\\n' "$before" $path
            end
        case values
            printf '%s\\n' $lines[2..-1]
    end
end
complete -c orch -e
complete -c orch -f -k -a '(__orch_complete)'
`;
